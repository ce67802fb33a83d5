import type { OptionValue } from "../base/cli/command-spec.ts";
import { type ExitCode, UsageError } from "../base/errors.ts";
import { readDocument } from "../phases/boot/identify.ts";
import { reported } from "../phases/boot/report.ts";
import { PHASES } from "../phases/index.ts";
import { type Boot, type Mode, runPhases } from "../phases/phase.ts";
import type { Invocation } from "./command.ts";
import { exclusively } from "./exclusive.ts";
import { stoppable } from "./stoppable.ts";
import { millisecondsOf } from "./within.ts";

export function runBoot(invocation: Invocation): Promise<ExitCode> {
  return stoppable((stop) => {
    const boot = newBoot(invocation, "apply");
    return exclusively(invocation.world, () => reported(boot, () => everyPhase(boot), stop));
  });
}

export async function runPlan(invocation: Invocation): Promise<ExitCode> {
  const boot = newBoot(invocation, "plan");
  const code = await stoppable((stop) => reported(boot, () => everyPhase(boot), stop));
  const lines = boot.operations.map(({ phase, name, why }) => `${phase.padEnd(9)} ${name}  (${why})`);
  invocation.print(lines.length > 0 ? lines.join("\n") : "nothing to do");
  return code;
}

function newBoot({ world, log, options }: Invocation, mode: Mode): Boot {
  const healthyWithinMs =
    options.within === undefined ? {} : { healthyWithinMs: millisecondsOf(options.within, "300") };
  // Who used sudo; a unit has neither, nor has the daemon.
  const by = process.env.SUDO_USER ?? process.env.USER;
  return {
    world,
    log: mode === "plan" ? quiet(log) : log,
    mode,
    operations: [],
    results: [],
    ...(by === undefined ? {} : { by }),
    ...releaseFrom(options.release),
    ...healthyWithinMs,
    ...(options.values === true ? { isForValues: true } : {}),
  };
}

function releaseFrom(source: OptionValue | undefined): Pick<Boot, "releaseFrom"> {
  if (source === undefined) return {};
  if (typeof source === "string" && /^ssm:\/.+/.test(source)) return { releaseFrom: source };
  throw new UsageError(`--release ${source} is no parameter`, {
    code: "usage.boot",
    why: "it is ssm: and the whole name of a parameter",
    fix: "greenleaf-agent boot --release ssm:/greenleaf/prod/canary",
  });
}

// A plan's operations are its data and go to stdout; told on stderr as well they would stand there twice.
function quiet(log: Invocation["log"]): Invocation["log"] {
  return { emit: (event) => (event.kind === "operation" ? undefined : log.emit(event)) };
}

async function everyPhase(boot: Boot): Promise<void> {
  const { role } = await readDocument(boot.world);
  await runPhases(boot, PHASES[role]);
}
