import { AgentError, EXIT, type ExitCode } from "../base/errors.ts";
import { recordHistory } from "../phases/history.ts";
import { type Boot, runPhases } from "../phases/phase.ts";
import { repairPhases } from "../phases/stack/repair.ts";
import type { Invocation } from "./command.ts";
import { exclusively } from "./exclusive.ts";

export async function runRepair(invocation: Invocation): Promise<ExitCode> {
  if (invocation.options.plan === true) return repaired(invocation, "plan");
  return exclusively(invocation.world, () => repaired(invocation, "apply"));
}

async function repaired(invocation: Invocation, mode: Boot["mode"]): Promise<ExitCode> {
  const { world, log, positionals: services } = invocation;
  const boot: Boot = { world, log, mode, operations: [], results: [] };
  const lines = new Map<string, string>();
  try {
    await runPhases(boot, await repairPhases(world, { services, lines }));
    await remember(boot);
    tell(invocation, boot, { lines });
    return EXIT.ready;
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    await remember(boot, error);
    tell(invocation, boot, { lines, error });
    throw error;
  }
}

async function remember({ world, log, mode, operations }: Boot, error?: AgentError): Promise<void> {
  if (mode === "plan" || (operations.length === 0 && error === undefined)) return;
  const entry = {
    at: world.clock.date().toISOString(),
    what: "repair",
    result: error === undefined ? "done" : "failed",
    ...(error === undefined ? {} : { code: error.code }),
    why: error === undefined ? operations.map(({ name, why }) => `${name} (${why})`).join("; ") : error.message,
    operations: operations.length,
  } as const;
  await recordHistory(world, entry, (text) => log.emit({ kind: "notice", message: `repair    ${text}` }));
}

function tell(
  { print, options }: Invocation,
  { operations }: Boot,
  { lines, error }: { lines: ReadonlyMap<string, string>; error?: AgentError },
): void {
  if (options.json === true) {
    const told = operations.map(({ name, why }) => ({ name, why }));
    const problem = error === undefined ? {} : { error: `${error.message}: ${error.why}` };
    return print(JSON.stringify({ operations: told, lines: Object.fromEntries(lines), ...problem }));
  }
  if (error !== undefined) return;
  print(operations.map(({ name, why }) => `${name}  (${why})`).join("\n") || "nothing to do");
}
