import type { ErrorCode } from "../../base/error-codes.ts";
import { AgentError, EXIT, type ExitCode, failureFacts } from "../../base/errors.ts";
import type { VerdictEvent } from "../../base/log.ts";
import { HISTORY_PATH, NODE_DOCUMENT_PATH, STATUS_PATH } from "../../base/paths.ts";
import { AGENT_VERSION } from "../../base/version.ts";
import { HOOKS } from "../../core/node/lifecycle.ts";
import type { RefusedValues } from "../../core/node/refused-values.ts";
import { bootEntry } from "../../core/node/status/history.ts";
import { EXIT_CODES } from "../../core/node/status/outcome.ts";
import {
  type BootEnd,
  bootingStatus,
  finishedStatus,
  installingStatus,
  parseStatus,
  type Reason,
  type Status,
  statusBytes,
} from "../../core/node/status/status.ts";
import { recordHistory } from "../history.ts";
import type { Boot } from "../phase.ts";
import type { Identified, Released, Running } from "../stages.ts";
import { completeHook } from "./lifecycle-hook.ts";
import { LIMITS, promptly, runBounded } from "./limits.ts";

/** How a boot ended: `run` came to its end, or threw. */
export type Outcome = { kind: "complete" } | { kind: "failed"; error: unknown };

/** What a boot had learned, of what a report tells, when it ended: all of it only if it came to its end. */
type Reportable = Boot & Partial<Pick<Identified, "node"> & Pick<Released, "release"> & Running>;

/**
 * Runs a boot between two reports: `booting` is on disk before the first phase, the verdict after the last,
 * on success and on failure. Gives the exit code of the verdict; what `run` throws is thrown on.
 * A plan changes nothing, so it reports nothing.
 */
export async function reported(
  boot: Boot,
  run: () => Promise<unknown>,
  stop: AbortSignal = new AbortController().signal,
): Promise<ExitCode> {
  if (boot.mode === "plan") {
    await runBounded(boot, stop, run);
    return EXIT.ready;
  }
  await reportStart(boot);
  try {
    await runBounded(boot, stop, run);
    return await reportBoot(boot, { kind: "complete" });
  } catch (error) {
    await reportBoot(boot, { kind: "failed", error });
    throw error;
  }
}

/** Leaves `booting` behind, so that a boot that is killed is found by the next one. */
export async function reportStart(boot: Boot): Promise<void> {
  const booting = bootingStatus(await readStatus(boot), { agent: AGENT_VERSION, at: boot.world.clock.date() });
  if (booting.interrupted) {
    boot.log.emit({ kind: "notice", message: `report    the boot of ${booting.interrupted.started} was interrupted` });
  }
  await writeStatus(boot, booting);
}

/** A machine that is told to be a node and never was one says `booting` already while it is installed. */
export async function reportInstall(boot: Boot): Promise<void> {
  const { files, clock } = boot.world;
  if ((await files.read(NODE_DOCUMENT_PATH)) === undefined || (await files.read(STATUS_PATH)) !== undefined) return;
  await writeStatus(boot, installingStatus({ agent: AGENT_VERSION, at: clock.date() }));
}

/** Tells the verdict: status file, console (the unit copies stderr there) and the launch hook of the group. */
export async function reportBoot(boot: Reportable, outcome: Outcome): Promise<ExitCode> {
  const { clock } = boot.world;
  const known = await readStatus(boot).catch(() => undefined);
  const before = known ?? bootingStatus(undefined, { agent: AGENT_VERSION, at: clock.date() });
  const end = bootEnd(boot, outcome);
  const status = finishedStatus(before, end);
  await keep(boot, status, outcome);
  boot.log.emit(verdictEvent(status));
  const hook = isTriedAgain(end) ? undefined : await tellGroup(boot, end.verdict === "failed" ? "ABANDON" : "CONTINUE");
  if (hook) await keep(boot, { ...status, hook }, outcome);
  await remember(boot, before, status);
  return end.verdict === "degraded" ? EXIT.degraded : EXIT.ready;
}

/** systemd starts a boot again that failed for a passing reason; what never passes, the hook's own time limit ends. */
const isTriedAgain = ({ reason }: BootEnd): boolean => reason?.exitCode === EXIT.temporary;

function bootEnd(boot: Reportable, outcome: Outcome): BootEnd {
  const { node } = boot;
  return {
    ...verdictOf(boot, outcome),
    results: boot.results,
    at: boot.world.clock.date(),
    ...(boot.release === undefined ? {} : { release: boot.release.id }),
    ...(boot.services === undefined ? {} : { services: boot.services }),
    ...(node === undefined
      ? {}
      : {
          node: {
            project: node.document.project,
            environment: node.document.environment,
            role: node.document.role,
            ...(node.instance === undefined ? {} : { instanceId: node.instance.id, zone: node.instance.zone }),
          },
        }),
  };
}

function verdictOf(boot: Boot, outcome: Outcome): Pick<BootEnd, "verdict" | "reason"> {
  if (outcome.kind === "failed") return { verdict: "failed", reason: reasonOf(outcome.error) };
  if (boot.refused !== undefined) return { verdict: "degraded", reason: refusalReason(boot.refused) };
  if (boot.degraded === undefined) return { verdict: "ready" };
  const what = "the node runs on its last known good state";
  return { verdict: "degraded", reason: { what, why: boot.degraded, exitCode: EXIT_CODES.degraded } };
}

const refusalReason = ({ what, why, retryAt }: RefusedValues): Reason => ({
  code: "values.refused" satisfies ErrorCode,
  what: "new values were refused, and those of before are back",
  why: `${what}: ${why}`,
  fix: `correct them (taken up by themselves); these are tried again at ${retryAt}, at once by: greenleaf-agent boot --values`,
  exitCode: EXIT_CODES.degraded,
});

function reasonOf(error: unknown): Reason {
  const { code, what, why, problems, fix, exitCode } = failureFacts(error);
  return { code, what, why: [why, ...problems].join(" "), ...(code === "bug" ? {} : { fix }), exitCode };
}

function verdictEvent({ verdict, release, phases, reason }: Status): VerdictEvent {
  return {
    kind: "verdict",
    verdict,
    ms: phases.reduce((sum, { ms = 0 }) => sum + ms, 0),
    ...(release === undefined ? {} : { release }),
    ...(reason === undefined ? {} : { reason }),
  };
}

async function readStatus(boot: Boot): Promise<Status | undefined> {
  const text = await promptly(boot, `reading ${STATUS_PATH}`, LIMITS.file, () => boot.world.files.read(STATUS_PATH));
  return parseStatus(text);
}

async function writeStatus(boot: Boot, status: Status): Promise<void> {
  await promptly(boot, `writing ${STATUS_PATH}`, LIMITS.file, () =>
    boot.world.files.write(STATUS_PATH, statusBytes(status), { mode: 0o644 }),
  );
}

// A failed boot keeps its own error: that the status could not be written as well is only told.
async function keep(boot: Boot, status: Status, outcome: Outcome): Promise<void> {
  if (outcome.kind === "complete") return writeStatus(boot, status);
  try {
    await writeStatus(boot, status);
  } catch (error) {
    const why = error instanceof AgentError ? error.why : String(error);
    boot.log.emit({ kind: "notice", message: `report    the status could not be written: ${why}` });
  }
}

async function remember(boot: Boot, before: Status, after: Status): Promise<void> {
  const entry = bootEntry(before, after, { by: boot.by, rotated: boot.rotated });
  const tell = (text: string) => boot.log.emit({ kind: "notice", message: `report    ${text}` });
  if (entry === undefined) return;
  await promptly(boot, `writing ${HISTORY_PATH}`, LIMITS.file, () => recordHistory(boot.world, entry, tell)).catch(
    (error: unknown) => tell(error instanceof AgentError ? error.why : String(error)),
  );
}

// The verdict stands whether or not AWS hears of it now: an undelivered answer is kept for the daemon.
async function tellGroup(boot: Reportable, result: "CONTINUE" | "ABANDON"): Promise<Status["hook"]> {
  const { node, world } = boot;
  if (node?.instance === undefined) return undefined;
  try {
    const autoScaling = world.autoScaling({ region: node.region, endpoints: node.document.endpoints });
    const call = { transition: "launch", instanceId: node.instance.id, result } as const;
    const told = await promptly(boot, "telling the group", LIMITS.hook, () =>
      completeHook({ clock: world.clock, autoScaling }, call),
    );
    if (told) boot.log.emit({ kind: "notice", message: `report    ${told.name} of ${told.group}: ${result}` });
    return told;
  } catch (error) {
    const why = error instanceof AgentError ? `${error.message}: ${error.why}` : String(error);
    boot.log.emit({ kind: "notice", message: `report    the group could not be told ${result}: ${why}` });
    return { name: HOOKS.launch, result, delivered: false, why };
  }
}
