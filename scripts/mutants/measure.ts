import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isListed } from "./equivalents.ts";
import { Judge, type RecordedTest, type Verdict } from "./judge.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { sample, seeded } from "./sample.ts";

const ROOT = join(import.meta.dirname, "..", "..");

export interface Wanted {
  readonly folders: readonly string[];
  readonly seed: number;
  /** Mutants of each folder. */
  readonly count: number;
  readonly workers: number;
}

export interface Judged {
  readonly folder: string;
  readonly mutant: Mutant;
  readonly outcome: Verdict["verdict"] | "untested" | "equivalent";
  readonly why: string;
}

export interface Chosen {
  readonly folder: string;
  readonly all: number;
  readonly mutants: readonly Mutant[];
}

const sourceOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** The files of a folder, or the one file named, without tests. */
export const filesOf = (folder: string): readonly string[] =>
  (folder.endsWith(".ts") ? [folder] : globSync(`${folder}/**/*.ts`, { cwd: ROOT }).sort()).filter(
    (file) => !/\.(test|d)\.ts$/.test(file),
  );

/** Each folder has its own numbers, so that one alone gives what it gives among others. */
export function choose({ folders, seed, count }: Wanted): readonly Chosen[] {
  return folders.map((folder) => {
    const all = filesOf(folder).flatMap((file) => mutantsOf(file, sourceOf(file)));
    return { folder, all: all.length, mutants: sample(all, count, seeded(seed)) };
  });
}

/** Which tests reach a mutant, the quick ones first. */
export function testsFor({ file, within }: Mutant, tests: readonly RecordedTest[]): readonly string[] {
  const reaches = ({ hits }: RecordedTest) =>
    within === undefined ? hits.some((hit) => hit.startsWith(`${file}:`)) : hits.includes(`${file}:${within}`);
  return tests
    .filter(reaches)
    .toSorted((a, b) => a.ms - b.ms)
    .map((test) => test.file);
}

export async function record(files: readonly string[]): Promise<readonly RecordedTest[]> {
  const judge = new Judge();
  const { verdict, why, tests = [] } = await judge.ask({ record: files }, 600_000);
  judge.close();
  if (verdict !== "recorded") throw new Error(`without any mutant there must be no failure: ${why}`);
  return tests;
}

/** Judges every chosen mutant and tells each as it is known. */
export async function measure(
  chosen: readonly Chosen[],
  { tests, workers, tell }: { tests: readonly RecordedTest[]; workers: number; tell: (judged: Judged) => void },
): Promise<readonly Judged[]> {
  const queue = chosen.flatMap(({ folder, mutants }) => mutants.map((mutant) => ({ folder, mutant }))).values();
  const judged: Judged[] = [];
  const work = async () => {
    const judge = new Judge();
    for (const { folder, mutant } of queue) {
      const one = { folder, mutant, ...(await outcomeOf(judge, mutant, tests)) };
      // A new process for the next: what vitest keeps of one mutant must not kill another.
      judge.close();
      judged.push(one);
      tell(one);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return judged;
}

async function outcomeOf(
  judge: Judge,
  mutant: Mutant,
  tests: readonly RecordedTest[],
): Promise<Pick<Judged, "outcome" | "why">> {
  if (isListed(mutant, sourceOf(mutant.file))) return { outcome: "equivalent", why: "listed" };
  const chosen = testsFor(mutant, tests);
  if (chosen.length === 0) return { outcome: "untested", why: "no test reaches it" };
  const { verdict, why } = await judge.ask({ mutant, tests: chosen });
  return { outcome: verdict, why };
}
