import { UsageError } from "../node-agent/src/errors.ts";
import { add, type Counts, NONE, summary } from "./test/counts.ts";
import { GROUPS } from "./test/groups.ts";

/** `./greenleaf test [GROUP...]`: what CI runs. Every group runs even when one before it failed. */
export async function main(argv: readonly string[]): Promise<number> {
  const chosen = argv.length === 0 ? GROUPS : argv.map(groupNamed);
  let total: Counts = NONE;
  for (const group of chosen) {
    const start = performance.now();
    process.stdout.write(`\n== ${group.name}: ${group.what}\n`);
    const counts = await runGroup(group);
    process.stdout.write(
      `== ${group.name}: ${summary(counts)} in ${Math.round((performance.now() - start) / 1000)} s\n`,
    );
    total = add(total, counts);
  }
  report(total);
  return total.failed.length === 0 ? 0 : 1;
}

async function runGroup(group: (typeof GROUPS)[number]): Promise<Counts> {
  try {
    return await group.run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...NONE, failed: [`${group.name} could not run: ${reason}`] };
  }
}

function report({ passed, failed, skipped }: Counts): void {
  const lines = [...failed.map((name) => `failed: ${name}`), ...skipped.map((name) => `skipped: ${name}`)];
  process.stdout.write(`\n${lines.map((line) => `${line}\n`).join("")}`);
  process.stdout.write(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`);
}

function groupNamed(name: string): (typeof GROUPS)[number] {
  const group = GROUPS.find((candidate) => candidate.name === name);
  if (group) return group;
  throw new UsageError(`there is no test group "${name}"`, {
    why: `the groups are ${GROUPS.map((candidate) => candidate.name).join(", ")}`,
    fix: "sudo ./greenleaf test runs them all, as CI does",
  });
}
