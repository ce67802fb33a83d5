import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { BaseSequencer, createVitest, type TestModule, type TestSpecification, type Vitest } from "vitest/node";
import type { Verdict, Work } from "./judge.ts";
import { mutated, recording } from "./mutants.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TESTS = ["node-agent/src/**/*.test.ts", "scripts/**/*.test.ts", "tests/unit/**/*.test.ts"];
/** A test that takes longer with a mutant than this hangs. */
const TEST_MS = 60_000;

/** The tests that are likely to be quick come first: the first that fails ends the run. */
class AsGiven extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

/** Files whose mutant may still be in vitest's memory. */
const changed = new Set<string>();

/** What stands in place of a file's source. */
let replaced: (file: string, source: string) => string = (_, source) => source;

/** Where files are named, their tests are recorded. */
const open = (related: readonly string[] | undefined): Promise<Vitest> =>
  createVitest(
    "test",
    {
      config: false,
      root: ROOT,
      watch: false,
      include: TESTS,
      pool: "forks",
      isolate: related !== undefined,
      maxWorkers: related === undefined ? 1 : 2,
      testTimeout: TEST_MS,
      hookTimeout: TEST_MS,
      reporters: [{}],
      sequence: { sequencer: AsGiven },
      // It would give the source without the mutant.
      fsModuleCache: false,
      ...(related === undefined
        ? { bail: 1 }
        : { related: [...related], setupFiles: [join(import.meta.dirname, "record-hits.ts")] }),
    },
    {
      plugins: [
        {
          name: "mutants",
          enforce: "pre",
          transform: (source, id) => replaced(relative(ROOT, id.split("?")[0] ?? ""), source),
        },
      ],
    },
  );

async function record(vitest: Vitest, files: readonly string[]): Promise<Verdict> {
  const subjects = new Set(files);
  replaced = (file, source) => (subjects.has(file) ? recording(source, (body) => `${file}:${body}`) : source);
  const { testModules } = await vitest.runTestSpecifications(await vitest.getRelevantTestSpecifications());
  const failed = testModules.flatMap((module) => errorsOf(module).map((text) => `${fileOf(module)}: ${text}`));
  const tests = testModules.map((module) => ({
    file: fileOf(module),
    ms: module.diagnostic().duration,
    hits: (module.meta() as { hits?: readonly string[] }).hits ?? [],
  }));
  return { verdict: failed.length > 0 ? "broken" : "recorded", why: failed.slice(0, 5).join("; "), tests };
}

async function judge(vitest: Vitest, { mutant, tests }: Extract<Work, { mutant: unknown }>): Promise<Verdict> {
  const path = join(ROOT, mutant.file);
  const source = mutated(readFileSync(path, "utf8"), mutant);
  replaced = (file, own) => (file === mutant.file ? source : own);
  // A worker that is ended by the first failure may have asked for the last mutant once more after it was judged.
  for (const stale of changed.add(path)) vitest.invalidateFile(stale);
  const all = await vitest.globTestSpecifications();
  const chosen = tests.flatMap((name) => all.filter(({ moduleId }) => relative(ROOT, moduleId) === name));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(chosen);
  replaced = (_, own) => own;
  const errors = testModules.flatMap((module) => errorsOf(module).map((text) => ({ text, file: fileOf(module) })));
  const noticed = errors.find(({ text }) => !/timed out in \d+ms/.test(text));
  if (noticed !== undefined) return { verdict: "killed", why: `${noticed.file}: ${noticed.text}` };
  if (errors.length > 0) return { verdict: "timed out", why: errors[0]?.file ?? "" };
  return unhandledErrors.length > 0
    ? { verdict: "killed", why: String(unhandledErrors[0]) }
    : { verdict: "survived", why: `${chosen.length} test files passed` };
}

function errorsOf(module: TestModule): readonly string[] {
  const failed = [...module.children.allTests("failed")].flatMap((test) => test.result().errors ?? []);
  return [...failed, ...module.errors()].map(({ message }) => message);
}

const fileOf = (module: TestModule): string => relative(ROOT, module.moduleId);

let opened: Promise<Vitest> | undefined;

async function answer(work: Work): Promise<Verdict> {
  opened ??= open("record" in work ? work.record : undefined);
  const vitest = await opened;
  return "record" in work ? record(vitest, work.record) : judge(vitest, work);
}

process.chdir(dirname(dirname(import.meta.dirname)));
process.on("message", (work: Work) => {
  answer(work).then(
    (verdict) => process.send?.(verdict),
    (error: unknown) => process.send?.({ verdict: "broken", why: String(error) }),
  );
});
process.on("disconnect", () => process.exit());
