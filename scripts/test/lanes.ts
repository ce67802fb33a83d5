import type { Group, Lane } from "./groups.ts";
import type { TestRun } from "./run.ts";

type RunOne = (group: Group, run: TestRun) => Promise<void>;

/** Runs groups of no lane one after the other, then both lanes beside each other; what was stopped begins no other. */
export async function inLanes(groups: readonly Group[], run: TestRun, runOne: RunOne): Promise<void> {
  const of = (lane: Lane | undefined) => groups.filter((group) => group.lane === lane);
  const [engine, beside] = [of("engine"), of("beside")];
  const shown: RunOne = (group) => (run.stop.aborted ? Promise.resolve() : runOne(group, run));
  for (const group of of(undefined)) await shown(group, run);
  const isAlone = engine.length === 0;
  await Promise.all([
    inTurn(engine, (group) => shown(group, run)),
    inTurn(beside, (group) => (isAlone ? shown(group, run) : heldBack(group, run, runOne))),
  ]);
}

async function inTurn(groups: readonly Group[], runOne: (group: Group) => Promise<void>): Promise<void> {
  for (const group of groups) await runOne(group);
}

/** What two groups print at the same time nobody can read: this one's comes in one piece, when it has ended. */
async function heldBack(group: Group, run: TestRun, runOne: RunOne): Promise<void> {
  if (run.stop.aborted) return;
  process.stdout.write(`\n   ${group.name} runs beside this; what it prints comes when it has ended\n`);
  const parts: string[] = [];
  try {
    await runOne(group, { ...run, held: (text) => void parts.push(text) });
  } finally {
    process.stdout.write(parts.join(""));
  }
}
