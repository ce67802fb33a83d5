import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandHelp } from "../../node-agent/src/base/cli/help.ts";
import { AGENT } from "../../node-agent/src/cli/command.ts";
import { COMMANDS } from "../../node-agent/src/cli/commands.ts";
import { OPERATOR } from "../cli/command.ts";
import { COMMANDS as OPERATOR_COMMANDS } from "../cli/commands.ts";
import { costPage } from "./bill.ts";
import { causesPage } from "./causes.ts";
import { composeSubsetPage } from "./compose-subset.ts";
import { configurationPage } from "./configuration.ts";
import { decisionsPage } from "./decisions.ts";
import { errorsPage } from "./errors.ts";

export const REPOSITORY = join(import.meta.dirname, "..", "..");

const TEMPLATES = join(REPOSITORY, "compose", "env");
const BEGIN = "<!-- begin: written by node scripts/write-docs.ts -->";
const END = "<!-- end -->";

/** Every page, or part of one, that is written from code, as it should be now; by path below the repository. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["docs/causes.md", causesPage()],
    ["docs/compose-subset.md", composeSubsetPage()],
    ["docs/configuration.md", configurationPage(templates())],
    ["docs/cost.md", await costPage(join(REPOSITORY, "docs/cost.md"), BEGIN, END)],
    ["docs/decisions/README.md", decisionsPage(join(REPOSITORY, "docs/decisions"))],
    ["docs/reference/commands.md", commandsPage()],
    ["docs/reference/errors.md", errorsPage()],
    ["node-agent/README.md", withCommands(readFileSync(join(REPOSITORY, "node-agent/README.md"), "utf8"))],
  ]);
}

function templates(): ReadonlyMap<string, string> {
  const names = readdirSync(TEMPLATES).filter((name) => name.endsWith(".hbs"));
  return new Map(names.map((name) => [name, readFileSync(join(TEMPLATES, name), "utf8")]));
}

function withCommands(page: string): string {
  const [before = ""] = page.split(BEGIN);
  const [, after = ""] = page.split(END);
  const commands = COMMANDS.map((command) => commandHelp(AGENT, command)).join("\n\n");
  return `${before}${BEGIN}\n\n\`\`\`text\n${commands}\n\`\`\`\n\n${END}${after}`;
}

function commandsPage(): string {
  return [
    "# Commands of ./greenleaf",
    "",
    "Written by `node scripts/write-docs.ts` from `scripts/cli/`; do not edit. The commands of the node agent are in",
    "[node-agent/README.md](../../node-agent/README.md).",
    ...OPERATOR_COMMANDS.flatMap((command) => [
      "",
      `## ${command.name}`,
      "",
      "```text",
      commandHelp(OPERATOR, command),
      "```",
    ]),
    "",
  ].join("\n");
}
