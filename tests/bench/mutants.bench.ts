import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "../../node-agent/src/base/errors.ts";
import { choose, filesOf, type Judged, measure, record } from "../../scripts/mutants/measure.ts";

/** What of a folder's mutants must be killed, in percent. */
const AIMS: Readonly<Record<string, number>> = {
  "node-agent/src/core": 90,
  "node-agent/src/phases": 75,
  "node-agent/src/daemon": 75,
  "scripts/release": 75,
  "scripts/cost": 75,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "300" },
    workers: { type: "string", default: "2" },
    verbose: { type: "boolean", default: false },
  },
});
const folders = positionals.length > 0 ? positionals : Object.keys(AIMS);
const unknown = folders.filter((folder) => !existsSync(join(import.meta.dirname, "..", "..", folder)));
if (unknown.length > 0) {
  throw new UsageError(`there is no folder ${unknown.join(", ")}`, {
    code: "usage.bench",
    why: "mutants are made of the files below a folder of this checkout",
    fix: "./greenleaf bench mutants node-agent/src/core",
  });
}

const seed = Number(values.seed);
const chosen = choose({ folders, seed, count: Number(values.count), workers: 1 });
const began = performance.now();
const tests = chosen.every(({ mutants }) => mutants.length === 0) ? [] : await record(folders.flatMap(filesOf));
print(`${tests.length} files of unit tests in ${seconds()} s`);
const judged = await measure(chosen, {
  tests,
  workers: Number(values.workers),
  tell: (one) => {
    if (values.verbose || !["killed", "equivalent"].includes(one.outcome)) print(lineOf(one));
  },
});
print("");
for (const { folder, all, mutants } of chosen) {
  const own = judged.filter((one) => one.folder === folder);
  const count = (outcome: Judged["outcome"]) => own.filter((one) => one.outcome === outcome).length;
  const rate = (100 * count("killed")) / Math.max(1, own.length - count("equivalent"));
  const aim = AIMS[folder];
  const parts = (["killed", "survived", "untested", "timed out", "broken", "equivalent"] as const)
    .map((outcome) => `${count(outcome)} ${outcome}`)
    .join(", ");
  print(`${folder}: ${mutants.length} of ${all} mutants (seed ${seed}): ${parts}: ${rate.toFixed(1)} % killed`);
  if (aim !== undefined && rate < aim) {
    print(`  missed: >= ${aim} %`);
    process.exitCode = 1;
  }
}
print(`${seconds()} s`);

function lineOf({ mutant, outcome, why }: Judged): string {
  return `${outcome}: ${mutant.file}:${mutant.line} ${mutant.operator}: ${mutant.shown}  (${why.split("\n")[0]})`;
}

function seconds(): string {
  return ((performance.now() - began) / 1000).toFixed(0);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
