import type { EngineSocket } from "../adapters/engine-socket.ts";
import { type Container, stopOrder } from "../core/containers.ts";
import { type DrainLimits, drained } from "../core/drain.ts";
import { FRONT } from "../core/health-verdict.ts";
import { connectionsToApps } from "../core/in-flight.ts";
import { type Clock, done, notYet, until } from "../core/retry.ts";
import { drainingStatus, STATUS_PATH, statusBytes } from "../core/status.ts";
import type { World } from "../world.ts";
import { tolerated } from "./part.ts";
import type { View } from "./view.ts";

const LOOK_MS = 500;

/** Takes the node out of traffic and stops its stack: /healthz 503, requests under way, containers in order. */
export async function drain(
  { clock, files, engineSocket: engine }: World,
  view: View,
  { why, limits }: { why: string; limits: DrainLimits },
): Promise<void> {
  view.drain(why);
  const { status } = view;
  if (status) {
    const text = statusBytes(drainingStatus(status, why, clock.date()));
    await tolerated(view, () => files.write(STATUS_PATH, text, { mode: 0o644 }));
  }
  view.note(`stopping the stack ${await quiet(clock, () => inFlight(engine, view), limits)}`);
  for (const group of stopOrder(view.containers.filter(({ health }) => health !== "stopped"))) {
    await Promise.all(group.map((container) => stop(engine, view, container)));
  }
}

async function quiet(clock: Clock, count: () => Promise<number | undefined>, limits: DrainLimits): Promise<string> {
  const start = clock.now();
  let busyAt = start;
  const wait = { what: "requests under way", withinMs: limits.atMostMs + LOOK_MS, everyMs: LOOK_MS, fix: "none" };
  return until(clock, wait, async () => {
    const requests = await count();
    if (requests !== 0) busyAt = clock.now();
    const ended = drained(
      { elapsedMs: clock.now() - start, quietMs: clock.now() - busyAt, inFlight: requests },
      limits,
    );
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
