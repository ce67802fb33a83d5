import type { Reader } from "./dotenv.ts";
import type { RenderedFile } from "./rendering.ts";

/** What a new rendering changes, by key. Names come from the template alone: the old file is not trusted to hold only names. */
export interface EnvDiff {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: number;
}

/** The lines our writer makes; a quoted value may span lines. */
const ENTRY: Readonly<Record<Reader, RegExp>> = {
  compose: /([A-Za-z_]\w*)=(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\n'"]*)\n/y,
  node: /([A-Za-z_]\w*)=(?:'[^']*'|"[^"]*"|`[^`]*`|[^\n'"`][^\n]*|)\n/y,
};
const COMMENT = /(?:#[^\n]*)?\n/y;

export function diffEnv(old: string, file: RenderedFile, reader: Reader): EnvDiff {
  const before = splitEntries(old, reader);
  const keys = new Map(
    [...file.lines].map(([key, line]) => [key, { spelled: line.slice(0, line.indexOf("=")), line }]),
  );
  const added = [...keys].filter(([, { spelled }]) => !before.has(spelled)).map(([key]) => key);
  const changed = [...keys]
    .filter(([, { spelled, line }]) => before.has(spelled) && before.get(spelled) !== line)
    .map(([key]) => key);
  const kept = new Set([...keys.values()].map(({ spelled }) => spelled));
  return { added, changed, removed: [...before.keys()].filter((key) => !kept.has(key)).length };
}

/** The diff for people: `2 keys change: A, B`. */
export function diffText({ added, changed, removed }: EnvDiff): string {
  const parts = [
    ...(changed.length > 0 ? [`changed ${changed.join(", ")}`] : []),
    ...(added.length > 0 ? [`added ${added.join(", ")}`] : []),
    ...(removed > 0 ? [`${removed} removed`] : []),
  ];
  return parts.length > 0 ? parts.join("; ") : "only its form changes";
}

// Stops at the first thing that is not ours; what follows then counts as absent.
function splitEntries(text: string, reader: Reader): Map<string, string> {
  const entries = new Map<string, string>();
  const entry = new RegExp(ENTRY[reader]);
  const comment = new RegExp(COMMENT);
  for (let at = 0; at < text.length; ) {
    comment.lastIndex = at;
    if (comment.test(text)) {
      at = comment.lastIndex;
      continue;
    }
    entry.lastIndex = at;
    const found = entry.exec(text);
    if (!found?.[1]) break;
    entries.set(found[1], found[0].slice(0, -1));
    at = entry.lastIndex;
  }
  return entries;
}
