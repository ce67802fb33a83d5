import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { OptionValue, ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { UsageError } from "../node-agent/src/base/errors.ts";

const FOLDER = join(import.meta.dirname, "..", "tests", "bench");
const SUFFIX = ".bench.ts";
/** The groups that are told how often they repeat. */
const IN_ROUNDS: readonly string[] = ["rollout"];

/** `./greenleaf bench [GROUP...]`: each group is a file of tests/bench that prints its table. `bench GROUP PART...` measures parts of one. */
export async function bench(argv: readonly string[], options: ParsedCommandLine["options"] = {}): Promise<number> {
  refuseRounds(argv, options.rounds);
  const groups = (await readdir(FOLDER))
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));
  const [first = "", ...rest] = argv;
  const hasParts = groups.includes(first) && rest.length > 0 && rest.every((name) => !groups.includes(name));
  const given = Object.entries(options).flatMap(([name, value]) =>
    typeof value === "string" ? [`--${name}=${value}`] : [],
  );
  if (hasParts) return run(join(FOLDER, `${first}${SUFFIX}`), [...rest, ...given]);
  const unknown = argv.filter((name) => !groups.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`there is no bench group "${unknown.join('", "')}"`, {
      code: "usage.bench",
      why: `the groups are ${groups.join(", ")}`,
      fix: "sudo ./greenleaf bench runs them all",
    });
  }
  let worst = 0;
  for (const group of argv.length > 0 ? argv : groups) {
    process.stdout.write(`\n== ${group}\n`);
    worst = Math.max(
      worst,
      await run(join(FOLDER, `${group}${SUFFIX}`), group === "mutants" || IN_ROUNDS.includes(group) ? given : []),
    );
  }
  return worst;
}

function refuseRounds([group = ""]: readonly string[], rounds: OptionValue | undefined): void {
  if (rounds === undefined) return;
  if (/^[1-9]\d{0,4}$/.test(String(rounds)) && IN_ROUNDS.includes(group)) return;
  throw new UsageError(`bench: --rounds ${rounds} is not for this`, {
    code: "usage.bench",
    why: `it is a number from 1 to 99999, for ${IN_ROUNDS.join(", ")}`,
    fix: "sudo ./greenleaf bench rollout --rounds 10",
  });
}

function run(file: string, parts: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    spawn(process.execPath, [file, ...parts], { stdio: "inherit" })
      .on("error", reject)
      .on("close", (code) => resolve(code ?? 1));
  });
}
