import type { Language } from "./language.ts";

/** A mail ready to be sent, in both forms a reader may want. */
export type Letter = { subject: string; text: string; html: string };

/** What a letter is made of: a paragraph, a link, or a table whose last column holds amounts. */
export type Part =
  | string
  | { link: string; to: string }
  | { rows: readonly (readonly [label: string, value: string])[] };

type Draft = { language: Language; subject: string; title: string; parts: readonly Part[] };

export function writeLetter({ language, subject, title, parts }: Draft): Letter {
  const body = parts.map(partHtml).join("\n");
  return {
    // A line break would begin another header.
    subject: oneLine(subject),
    text: `${parts.map(partText).join("\n\n")}\n\n${title}\n`,
    html: `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px;background:#f6f5ef;color:#1f2a20;font:16px/1.5 Georgia,serif">
<main style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff">
${body}
<p style="margin:24px 0 0;color:#5b665c">${escaped(title)}</p>
</main>
</body>
</html>
`,
  };
}

const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, " ");

function partText(part: Part): string {
  if (typeof part === "string") return part;
  if ("link" in part) return `${part.link}:\n${part.to}`;
  const width = Math.max(0, ...part.rows.map(([label]) => label.length));
  return part.rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join("\n");
}

function partHtml(part: Part): string {
  if (typeof part === "string") return `<p>${escaped(part).replaceAll("\n", "<br>")}</p>`;
  if ("link" in part) return `<p><a style="color:#2f6b3a" href="${escaped(part.to)}">${escaped(part.link)}</a></p>`;
  const rows = part.rows.map(
    ([label, value]) =>
      `<tr><td style="padding:4px 16px 4px 0">${escaped(label)}</td><td style="text-align:right">${escaped(value)}</td></tr>`,
  );
  return `<table style="border-collapse:collapse;width:100%">\n${rows.join("\n")}\n</table>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
