import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the numbers of a hundred are about. */
const SUBJECTS: ReadonlyMap<string, string> = new Map([
  ["00", "The whole"],
  ["01", "Routers"],
  ["02", "Fleet"],
  ["03", "Images, releases and boots"],
  ["04", "Safety"],
  ["05", "Tests"],
  ["06", "Rollouts and repair"],
  ["07", "Packets and heartbeats"],
  ["08", "The shop"],
]);

/** The index of the decisions, from the first line of each page: its number (as in the file's name) and its title. */
export function decisionsPage(folder: string): string {
  const pages = readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.md$/.test(name))
    .sort()
    .map((name) => ({
      name,
      number: name.slice(0, 4),
      title: titleOf(readFileSync(join(folder, name), "utf8"), name),
    }));
  const subjects = [...new Set(pages.map(({ number }) => number.slice(0, 2)))];
  return [
    "# Decisions",
    "",
    "Why it is as it is, one page each: what was decided, what else there was, and the price. Written by",
    "`node scripts/write-docs.ts` from the pages; do not edit.",
    ...subjects.map((subject) => sectionOf(subject, pages)),
    "",
  ].join("\n");
}

function sectionOf(
  subject: string,
  pages: ReadonlyArray<Readonly<Record<"name" | "number" | "title", string>>>,
): string {
  const rows = pages.filter(({ number }) => number.startsWith(subject));
  const lines = rows.map(({ name, number, title }) => `- [${number}](${name}) ${title}`);
  return `\n## ${SUBJECTS.get(subject) ?? `${subject}xx`}\n\n${lines.join("\n")}`;
}

function titleOf(page: string, name: string): string {
  const [first = ""] = page.split("\n");
  const title = new RegExp(`^# ${name.slice(0, 4)}\\. (.+)$`).exec(first)?.[1];
  if (title === undefined) throw new Error(`docs/decisions/${name} must begin with "# ${name.slice(0, 4)}. TITLE"`);
  return title;
}
