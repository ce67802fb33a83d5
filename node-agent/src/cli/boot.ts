import { UsageError } from "../errors.ts";
import { readDocument } from "../phases/identify.ts";
import { type Boot, type Mode, runPhases } from "../phases/phase.ts";
import { reported } from "../phases/report.ts";
import type { Command, CommandOption, Invocation } from "./command.ts";
import { exclusively } from "./exclusive.ts";

const OPTIONS: Readonly<Record<string, CommandOption>> = {
  within: { type: "string", value: "SECONDS", summary: "time for each service to become healthy (default 300)" },
};

/** Makes this machine what its node document says, and tells the verdict. */
export const boot: Command = {
  name: "boot",
  summary: "make this machine a node, or bring it up to date",
  examples: ["greenleaf-agent boot", "greenleaf-agent boot --root /var/lib/greenleaf-local"],
  options: OPTIONS,
  run: async (invocation) => {
    const boot = newBoot(invocation, "apply");
    return exclusively(invocation.world, () => reported(boot, () => everyPhase(boot)));
  },
};

/** Prints what boot would do, with reasons; changes nothing. */
export const plan: Command = {
  name: "plan",
  summary: "print what boot would do, and change nothing",
  examples: ["greenleaf-agent plan"],
  run: async (invocation) => {
    const boot = newBoot(invocation, "plan");
    const code = await reported(boot, () => everyPhase(boot));
    const lines = boot.operations.map(({ phase, name, why }) => `${phase.padEnd(9)} ${name}  (${why})`);
    invocation.print(lines.length > 0 ? lines.join("\n") : "nothing to do");
    return code;
  },
};

function newBoot({ world, log, options }: Invocation, mode: Mode): Boot {
  const healthyWithinMs = options.within === undefined ? {} : { healthyWithinMs: milliseconds(options.within) };
  return { world, log: mode === "plan" ? quiet(log) : log, mode, operations: [], results: [], ...healthyWithinMs };
}

// A plan's operations are its data and go to stdout; told on stderr as well they would stand there twice.
function quiet(log: Invocation["log"]): Invocation["log"] {
  return { emit: (event) => (event.kind === "operation" ? undefined : log.emit(event)) };
}

async function everyPhase(boot: Boot): Promise<void> {
  const { role } = await readDocument(boot.world);
  // The other commands start faster without the Compose model and its parsers.
  const { PHASES } = await import("../phases/index.ts");
  await runPhases(boot, PHASES[role]);
}

function milliseconds(within: string | boolean): number {
  const seconds = Number(within);
  if (seconds > 0) return seconds * 1000;
  throw new UsageError(`--within ${within} is no time`, {
    why: "it takes seconds, above 0",
    fix: "leave it out for 300",
  });
}
