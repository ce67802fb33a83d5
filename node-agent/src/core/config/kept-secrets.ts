import { entryValue, splitEntries } from "./dotenv-entries.ts";
import { percentDecoded } from "./secret-parts.ts";
import type { Template, TemplateEntry } from "./templates/template.ts";
import type { Part } from "./templates/template-value.ts";

/**
 * What may be secret in files that an earlier boot rendered from these templates: which values were is not known any
 * more, so each value that came from outside is, whole and by the references it was put together from.
 */
export function keptSecrets(templates: readonly Template[], files: ReadonlyMap<string, string>): string[] {
  const found = templates.flatMap((template) => secretsIn(template, files.get(template.target) ?? ""));
  return [...new Set(found)].filter((value) => value !== "");
}

function secretsIn({ entries, reader }: Template, text: string): string[] {
  const found = splitEntries(text, reader);
  const given = entries.filter(({ parts }) => parts.some((part) => "reference" in part));
  return given.flatMap((entry) => partsOf(entry, entryValue(found, entry.key, reader) ?? ""));
}

/** A rendered value and those it was put together from; where its literal text can be laid over it in two ways, of both. */
function partsOf({ parts }: TemplateEntry, value: string): string[] {
  const groups = ["*?", "*"].flatMap((many) => groupsOf(parts, value, many));
  return [value, ...groups, ...groups.map(percentDecoded)];
}

function groupsOf(parts: readonly Part[], value: string, many: string): string[] {
  const pattern = parts.map((part) => {
    if ("literal" in part) return RegExp.escape(part.literal);
    return part.reference.urlencode ? `([\\w.~%-]${many})` : `([\\s\\S]${many})`;
  });
  return new RegExp(`^${pattern.join("")}$`).exec(value)?.slice(1) ?? [];
}
