import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Counts } from "./counts.ts";

const FILE = join(import.meta.dirname, "minimums.json");

/** How many tests each group has at least; raised by `greenleaf test --raise-minimums`, lowered only by hand. */
export type Minimums = Readonly<Record<string, number>>;

export async function readMinimums(): Promise<Minimums> {
  return JSON.parse(await readFile(FILE, "utf8")) as Minimums;
}

/** A group that lost tests has failed: a file that is no longer found, a list that turned out short. */
export function withMinimum(group: string, counts: Counts, minimums: Minimums): Counts {
  const have = counts.passed + counts.failed.length + counts.skipped.length;
  const minimum = minimums[group];
  if (minimum !== undefined && have >= minimum) return counts;
  const fault =
    minimum === undefined
      ? `${group}: scripts/test/minimums.json does not say how many tests it has`
      : `${group}: ${have} tests, and it has at least ${minimum} (scripts/test/minimums.json)`;
  return { ...counts, failed: [...counts.failed, fault] };
}

/** What the green groups of a run have is the new minimum, where it is more. */
export async function raiseMinimums(run: ReadonlyMap<string, Counts>): Promise<void> {
  const minimums: Record<string, number> = { ...(await readMinimums()) };
  for (const [group, { passed, failed, skipped }] of run)
    if (failed.length === 0) minimums[group] = Math.max(minimums[group] ?? 0, passed + skipped.length);
  await writeFile(FILE, `${JSON.stringify(minimums, null, 2)}\n`);
}
