import type { EngineSocket } from "../../adapters/docker/engine-socket.ts";
import { DRAIN_MARK_PATH, STATUS_PATH } from "../../base/paths.ts";
import { done, pending, until } from "../../base/wait.ts";
import {
  type DrainLimits,
  type DrainMark,
  drained,
  type Moment,
  momentOf,
  parseDrainMark,
} from "../../core/node/drain.ts";
import { FRONT } from "../../core/node/health-verdict.ts";
import { connectionsToApps } from "../../core/node/in-flight.ts";
import { drainingStatus, statusBytes } from "../../core/node/status/status.ts";
import { type Container, stopOrder } from "../../core/stack/containers.ts";
import type { World } from "../../world.ts";
import { type DaemonContext, logAgentError } from "../part.ts";
import type { View } from "./view.ts";

const LOOK_MS = 500;

/** Drains the node: at the first word of it, whoever says so, and only once. */
export type Drainer = (why: string) => Promise<void>;

export function drainer(daemon: DaemonContext, limits: DrainLimits): Drainer {
  let draining: Promise<void> | undefined;
  return (why) => (draining ??= drain(daemon, { why, limits }));
}

/** The drain that an agent before this one began on this run of the machine; what cannot be read is none. */
export async function drainUnderWay({ files, machine }: Pick<World, "files" | "machine">, view: View) {
  return logAgentError(view, async () => parseDrainMark(await files.read(DRAIN_MARK_PATH), await momentNow(machine)));
}

/**
 * Takes the node out of traffic and stops its stack: /healthz 503, requests under way, containers in order.
 * An agent that is told to end meanwhile leaves the rest to its successor, which finds the mark and counts on.
 */
export async function drain(
  daemon: DaemonContext,
  { why, limits }: { why: string; limits: DrainLimits },
): Promise<void> {
  const { world, view, signal } = daemon;
  view.drain(why);
  const beforeMs = (await logAgentError(view, () => begun(world, why))) ?? 0;
  await tellStatus(daemon, why);
  const ended = await quiet(daemon, limits, beforeMs);
  if (signal.aborted) return;
  view.note(`stopping the stack ${ended}`);
  for (const group of stopOrder(view.containers.filter(({ health }) => health !== "stopped"))) {
    await Promise.all(group.map((container) => stop(world.engineSocket, view, container)));
  }
}

/** For how many milliseconds the node drains already; the first to ask leaves the mark. */
async function begun({ files, machine }: World, why: string): Promise<number> {
  const now = await momentNow(machine);
  const mark = parseDrainMark(await files.read(DRAIN_MARK_PATH), now);
  if (mark !== undefined) return now.uptimeMs - mark.uptimeMs;
  const fresh: DrainMark = { version: 1, why, ...now };
  await files.write(DRAIN_MARK_PATH, `${JSON.stringify(fresh)}\n`, { mode: 0o644 });
  return 0;
}

async function momentNow(machine: World["machine"]): Promise<Moment> {
  const [bootId, uptime] = await Promise.all([
    machine.read("/proc/sys/kernel/random/boot_id"),
    machine.read("/proc/uptime"),
  ]);
  return momentOf(bootId, uptime);
}

async function tellStatus({ world, view }: DaemonContext, why: string): Promise<void> {
  const { status } = view;
  if (status === undefined) return;
  const text = statusBytes(drainingStatus(status, why, world.clock.date()));
  await logAgentError(view, () => world.files.write(STATUS_PATH, text, { mode: 0o644 }));
}

async function quiet({ world, view, signal }: DaemonContext, limits: DrainLimits, beforeMs: number): Promise<string> {
  const { clock, engineSocket } = world;
  const began = clock.now() - beforeMs;
  let busyAt = clock.now();
  const withinMs = Math.max(0, limits.atMostMs - beforeMs) + LOOK_MS;
  const wait = { what: "requests under way", withinMs, everyMs: LOOK_MS, fix: "none" };
  return until(clock, wait, async () => {
    const requests = await inFlight(engineSocket, view);
    if (requests !== 0) busyAt = clock.now();
    const seen = { elapsedMs: clock.now() - began, quietMs: clock.now() - busyAt, inFlight: requests };
    const ended = signal.aborted ? "unfinished" : drained(seen, limits);
    return ended === undefined ? pending(`${requests ?? "unknown"} under way`) : done(ended);
  });
}

async function inFlight(engine: EngineSocket, view: View): Promise<number | undefined> {
  const fronts = view.containers.filter(({ service, health }) => service === FRONT && health !== "stopped");
  try {
    const tables = await Promise.all(fronts.map(({ id }) => engine.tcpTables(id)));
    return tables.reduce((sum, table) => sum + connectionsToApps(table ?? ""), 0);
  } catch {
    // An engine that does not answer, or a container gone in between: not knowing, the full time is waited.
    return undefined;
  }
}

// The machine goes away in any case: a container that cannot be stopped is said, and the next still is.
async function stop(engine: EngineSocket, view: View, { id, name }: Container): Promise<void> {
  await logAgentError(view, async () => {
    await engine.stop(id);
    view.note(`${name}: stopped`);
  });
}
