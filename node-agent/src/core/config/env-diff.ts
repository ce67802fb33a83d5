import type { Reader } from "./dotenv.ts";
import { splitEntries } from "./dotenv-entries.ts";
import type { RenderedFile } from "./templates/rendering.ts";

/** What a new rendering changes, by key. Names come from the template alone: the old file is not trusted to hold only names. */
export interface EnvDiff {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: number;
}

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
