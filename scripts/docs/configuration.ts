import { parseTemplates, references } from "../../node-agent/src/core/config/templates/template.ts";
import type { Reference } from "../../node-agent/src/core/config/templates/template-reference.ts";

interface Row {
  readonly reference: Reference;
  readonly readers: string[];
}

/** docs/configuration.md: every parameter and secret the templates name, read out of the templates themselves. */
export function configurationPage(templates: ReadonlyMap<string, string>): string {
  const rows = rowsOf(templates);
  const of = (kind: Reference["kind"]) => rows.filter(({ reference }) => reference.kind === kind);
  return [
    "# Configuration",
    "",
    "Written by `node scripts/write-docs.ts` from `compose/env/*.env.hbs`; do not edit. A name without a default must exist",
    "before a node boots; all missing names are told in one message.",
    "",
    "## Parameters",
    "",
    "SSM parameters under the path that the node document names (`/greenleaf/<environment>/…`).",
    "",
    "| parameter | default | read by |",
    "|---|---|---|",
    ...of("ssm").map((row) => `| \`${row.reference.name}\` | ${defaultOf(row.reference)} | ${readersOf(row)} |`),
    "",
    "## Secrets",
    "",
    "Secrets Manager, named `greenleaf/<environment>/<name>`, each a JSON object; `name#key` is one member of it.",
    "",
    "| secret | at least | read by |",
    "|---|---|---|",
    ...of("secret").map((row) => `| \`${row.reference.name}\` | ${leastOf(row.reference)} | ${readersOf(row)} |`),
    "",
  ].join("\n");
}

function rowsOf(templates: ReadonlyMap<string, string>): Row[] {
  const rows = new Map<string, Row>();
  for (const template of parseTemplates(templates)) {
    for (const { reference, key } of references(template)) {
      const id = `${reference.kind} ${reference.name}`;
      const row = rows.get(id) ?? { reference, readers: [] };
      row.readers.push(`${template.target}: ${key}`);
      rows.set(id, row);
    }
  }
  return [...rows.values()].sort((a, b) => a.reference.name.localeCompare(b.reference.name));
}

function defaultOf({ default: fallback, from }: Reference): string {
  if (from !== undefined) return "made by the first-run job";
  if (fallback === undefined) return "required";
  return fallback === "" ? "empty" : `\`${fallback}\``;
}

const leastOf = ({ min }: Reference): string => (min === undefined ? "" : `${min} characters`);
const readersOf = ({ readers }: Row): string => [...new Set(readers)].map((reader) => `\`${reader}\``).join(", ");
