import { HOOKS } from "../core/lifecycle.ts";
import { NODE_PATH } from "../core/resident-node.ts";
import {
  type BootEnd,
  bootingStatus,
  finishedStatus,
  installingStatus,
  parseStatus,
  type Reason,
  STATUS_PATH,
  type Status,
  statusBytes,
} from "../core/status.ts";
import { AGENT_VERSION } from "../core/version.ts";
import { AgentError, EXIT, type ExitCode, exitCodeOf } from "../errors.ts";
import { completeHook } from "./lifecycle-hook.ts";
import type { Boot } from "./phase.ts";

/** How a boot ended: `run` came to its end, or threw. */
export type Outcome = { ended: "complete" } | { ended: "failed"; error: unknown };

/**
 * Runs a boot between two reports: `booting` is on disk before the first phase, the verdict after the last,
 * on success and on failure. Gives the exit code of the verdict; what `run` throws is thrown on.
 * A plan changes nothing, so it reports nothing.
 */
export async function reported(boot: Boot, run: () => Promise<void>): Promise<ExitCode> {
  if (boot.mode === "plan") {
    await run();
    return EXIT.ready;
  }
  await reportStart(boot);
  try {
    await run();
    return await reportBoot(boot, { ended: "complete" });
  } catch (error) {
    await reportBoot(boot, { ended: "failed", error });
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
  if ((await files.read(NODE_PATH)) === undefined || (await files.read(STATUS_PATH)) !== undefined) return;
  await writeStatus(boot, installingStatus({ agent: AGENT_VERSION, at: clock.date() }));
}

/** Tells the verdict: status file, console (the unit copies stderr there) and the launch hook of the group. */
export async function reportBoot(boot: Boot, outcome: Outcome): Promise<ExitCode> {
  const { clock } = boot.world;
  const before = (await readStatus(boot)) ?? bootingStatus(undefined, { agent: AGENT_VERSION, at: clock.date() });
  const end = bootEnd(boot, outcome);
  const status = finishedStatus(before, end);
  await keep(boot, status, outcome);
  boot.log.emit({ kind: "notice", message: verdictText(status) });
  const hook = isTriedAgain(end) ? undefined : await tellGroup(boot, end.verdict === "failed" ? "ABANDON" : "CONTINUE");
  if (hook) await keep(boot, { ...status, hook }, outcome);
  return end.verdict === "degraded" ? EXIT.degraded : EXIT.ready;
}

/** systemd starts a boot again that failed for a passing reason; what never passes, the hook's own time limit ends. */
const isTriedAgain = ({ reason }: BootEnd): boolean => reason?.exitCode === EXIT.temporary;

function bootEnd(boot: Boot, outcome: Outcome): BootEnd {
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
  if (outcome.ended === "failed") return { verdict: "failed", reason: reasonOf(outcome.error) };
  if (boot.degraded === undefined) return { verdict: "ready" };
  const reason = { what: "the node runs on its last known good state", why: boot.degraded, exitCode: EXIT.degraded };
  return { verdict: "degraded", reason };
}

function reasonOf(error: unknown): Reason {
  const exitCode = exitCodeOf(error);
  if (!(error instanceof AgentError)) {
    return { what: error instanceof Error ? error.message : String(error), why: "a bug in greenleaf", exitCode };
  }
  const why = [error.why, ...error.problems].join(" ");
  return { what: error.message, why, fix: error.fix, exitCode };
}

function verdictText({ verdict, release, phases, reason }: Status): string {
  const seconds = (phases.reduce((sum, { ms = 0 }) => sum + ms, 0) / 1000).toFixed(1);
  const told = reason ? `: ${reason.what} (${reason.why})` : "";
  return `report    verdict ${verdict}${release === undefined ? "" : `, release ${release}`}, ${seconds}s${told}`;
}

async function readStatus(boot: Boot): Promise<Status | undefined> {
  return parseStatus(await boot.world.files.read(STATUS_PATH));
}

async function writeStatus(boot: Boot, status: Status): Promise<void> {
  await boot.world.files.write(STATUS_PATH, statusBytes(status), { mode: 0o644 });
}

// A failed boot keeps its own error: that the status could not be written as well is only told.
async function keep(boot: Boot, status: Status, outcome: Outcome): Promise<void> {
  if (outcome.ended === "complete") return writeStatus(boot, status);
  try {
    await writeStatus(boot, status);
  } catch (error) {
    const why = error instanceof AgentError ? error.why : String(error);
    boot.log.emit({ kind: "notice", message: `report    the status could not be written: ${why}` });
  }
}

// The verdict stands whether or not AWS hears of it now: an undelivered answer is kept for the resident agent.
async function tellGroup(boot: Boot, result: "CONTINUE" | "ABANDON"): Promise<Status["hook"]> {
  const { node, world } = boot;
  if (node?.instance === undefined) return undefined;
  try {
    const autoScaling = world.autoScaling({ region: node.region, endpoints: node.document.endpoints });
    const told = await completeHook(
      { clock: world.clock, autoScaling },
      { transition: "launch", instanceId: node.instance.id, result },
    );
    if (told) boot.log.emit({ kind: "notice", message: `report    ${told.name} of ${told.group}: ${result}` });
    return told;
  } catch (error) {
    const because = error instanceof AgentError ? `${error.message}: ${error.why}` : String(error);
    boot.log.emit({ kind: "notice", message: `report    the group could not be told ${result}: ${because}` });
    return { name: HOOKS.launch, result, delivered: false, because };
  }
}
