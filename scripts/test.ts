import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { UsageError } from "../node-agent/src/base/errors.ts";
import { isSet } from "./cli/command.ts";
import { add, type Counts, NONE, summary } from "./test/counts.ts";
import { GROUPS, type Group } from "./test/groups.ts";
import { inLanes } from "./test/lanes.ts";
import { type Minimums, raiseMinimums, readMinimums, withMinimum } from "./test/minimums.ts";
import { openRun, type TestRun } from "./test/run.ts";

/** `./greenleaf test [GROUP...]`: what CI runs, without a name. Every group runs even when one before it failed. */
export async function test(line: ParsedCommandLine): Promise<number> {
  const groups = wantedGroups(line.positionals);
  const only = namesIn(line, "only").map((name) => groupNamed(name).name);
  if (only.length > 0 && !groups.some(({ isApart }) => isApart === true)) throw onlyFresh();
  const run = openRun(only);
  const counted = new Map<string, Counts>();
  try {
    const minimums = await readMinimums();
    await inLanes(groups, run, async (group, of) => {
      counted.set(group.name, await runGroup(group, of, minimums));
    });
  } finally {
    await run.close();
  }
  const stopped = run.ended();
  if (isSet(line, "raise-minimums") && !stopped) await raiseMinimums(counted);
  const total = [...counted.values()].reduce(add, NONE);
  report(stopped ? add(total, { ...NONE, failed: [`${stopped.by} ended the run before all tests had run`] }) : total);
  return stopped?.code ?? (total.failed.length === 0 ? 0 : 1);
}

async function runGroup(group: Group, run: TestRun, minimums: Minimums): Promise<Counts> {
  const start = performance.now();
  const print = run.held ?? ((text: string) => process.stdout.write(text));
  print(`\n== ${group.name}: ${group.what}\n`);
  const counts = await countedGroup(group, run);
  const checked = run.stop.aborted ? counts : withMinimum(group.name, counts, minimums);
  print(`== ${group.name}: ${summary(checked)} in ${Math.round((performance.now() - start) / 1000)} s\n`);
  return checked;
}

async function countedGroup(group: Group, run: TestRun): Promise<Counts> {
  try {
    return await group.run(run);
  } catch (error) {
    if (run.stop.aborted) return NONE;
    const reason = error instanceof Error ? error.message : String(error);
    return { ...NONE, failed: [`${group.name} could not run: ${reason}`] };
  }
}

function report({ passed, failed, skipped }: Counts): void {
  const lines = [...failed.map((name) => `failed: ${name}`), ...skipped.map((name) => `skipped: ${name}`)];
  process.stdout.write(`\n${lines.map((line) => `${line}\n`).join("")}`);
  process.stdout.write(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`);
}

const wantedGroups = (names: readonly string[]): readonly Group[] =>
  names.length === 0 ? GROUPS.filter(({ isApart }) => isApart !== true) : names.map(groupNamed);

const namesIn = ({ options }: ParsedCommandLine, name: string): readonly string[] =>
  [options[name] ?? []].flat().map(String);

const onlyFresh = (): UsageError =>
  new UsageError("test: --only is for the group fresh", {
    code: "usage.test",
    why: "it says which groups are run on the machines that fresh makes",
    fix: "name the groups themselves, or: sudo ./greenleaf test fresh --only unit",
  });

function groupNamed(name: string): Group {
  const group = GROUPS.find((candidate) => candidate.name === name);
  if (group) return group;
  throw new UsageError(`there is no test group "${name}"`, {
    code: "usage.test",
    why: `the groups are ${GROUPS.map((candidate) => candidate.name).join(", ")}`,
    fix: "sudo ./greenleaf test runs them all, as CI does",
  });
}
