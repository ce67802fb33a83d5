import type { EngineSocket } from "../adapters/engine-socket.ts";
import { type Container, stopOrder } from "../core/containers.ts";
import { type DrainLimits, drained } from "../core/drain.ts";
import { FRONT } from "../core/health-verdict.ts";
import { connectionsToApps } from "../core/in-flight.ts";
import { done, notYet, until } from "../core/retry.ts";
import { drainingStatus, STATUS_PATH, statusBytes } from "../core/status.ts";
import { type Resident, tolerated } from "./part.ts";
import type { View } from "./view.ts";

const LOOK_MS = 500;

/**
 * Takes the node out of traffic and stops its stack: /healthz 503, requests under way, containers in order.
 * An agent that is told to end meanwhile leaves the rest to its successor, which hears the same from IMDS.
 */
export async function drain(resident: Resident, { why, limits }: { why: string; limits: DrainLimits }): Promise<void> {
  const { world, view, signal } = resident;
  view.drain(why);
  await tellStatus(resident, why);
  const ended = await quiet(resident, limits);
  if (signal.aborted) return;
  view.note(`stopping the stack ${ended}`);
  for (const group of stopOrder(view.containers.filter(({ health }) => health !== "stopped"))) {
    await Promise.all(group.map((container) => stop(world.engineSocket, view, container)));
  }
}

async function tellStatus({ world, view }: Resident, why: string): Promise<void> {
  const { status } = view;
  if (status === undefined) return;
  const text = statusBytes(drainingStatus(status, why, world.clock.date()));
  await tolerated(view, () => world.files.write(STATUS_PATH, text, { mode: 0o644 }));
}

async function quiet({ world, view, signal }: Resident, limits: DrainLimits): Promise<string> {
  const { clock, engineSocket } = world;
  const start = clock.now();
  let busyAt = start;
  const wait = { what: "requests under way", withinMs: limits.atMostMs + LOOK_MS, everyMs: LOOK_MS, fix: "none" };
  return until(clock, wait, async () => {
    const requests = await inFlight(engineSocket, view);
    if (requests !== 0) busyAt = clock.now();
    const seen = { elapsedMs: clock.now() - start, quietMs: clock.now() - busyAt, inFlight: requests };
    const ended = signal.aborted ? "unfinished" : drained(seen, limits);
    return ended === undefined ? notYet(`${requests ?? "unknown"} under way`) : done(ended);
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
  await tolerated(view, async () => {
    await engine.stop(id);
    view.note(`${name}: stopped`);
  });
}
