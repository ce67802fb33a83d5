import type { Server } from "node:http";
import { DRAIN_LIMITS } from "../core/drain.ts";
import { parseInstance } from "../core/instance.ts";
import type { ResidentNode } from "../core/resident-node.ts";
import { done, notYet, until } from "../core/retry.ts";
import type { World } from "../world.ts";
import { every } from "./every.ts";
import { groupsOf } from "./groups.ts";
import { type WatchTimes, watchInterruptions } from "./interruptions.ts";
import { listenOnLoopback, listenOnSockets } from "./listen.ts";
import { type Resident, tolerated } from "./part.ts";
import type { RouterNode } from "./router/router.ts";
import { View } from "./view.ts";

export interface ResidentOptions {
  node: ResidentNode;
  /** On loopback; 0 for none, only the socket. */
  port: number;
  signal: AbortSignal;
  times?: ResidentTimes;
}

export interface ResidentTimes extends WatchTimes {
  /** Milliseconds between two looks at the engine, of a healthy node and of one whose balancer waits for it. */
  lookMs: number;
  eagerMs: number;
  /** Milliseconds between two tries to tell the group what it has not heard. */
  tellMs: number;
}

export const RESIDENT_TIMES: ResidentTimes = {
  lookMs: 1_000,
  eagerMs: 250,
  spotMs: 1_500,
  targetMs: 5_000,
  tellMs: 30_000,
  drain: DRAIN_LIMITS,
};

/** Stays until the signal: looks at the stack, answers for it, and takes the node out of traffic before it ends. */
export async function stay(world: World, options: ResidentOptions): Promise<void> {
  const { node, times = RESIDENT_TIMES } = options;
  // One part that ends, for a bug, ends the others: systemd starts all of them anew.
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const view = new View(world.clock, node.role);
  const look = () => view.refresh({ files: world.files, engine: world.engineSocket, project: node.project });
  await look();
  const servers: Server[] = [];
  try {
    servers.push(...(await listenOnSockets(view, world.files.path)));
    if (options.port !== 0) servers.push(await listenOnLoopback(view, options.port));
    const resident = { world, view, signal };
    await Promise.all([
      every(() => (view.health().status === "ok" ? times.lookMs : times.eagerMs), signal, look),
      watchInstance(resident, node, times),
      ...(node.router ? [route(resident, { ...node, router: node.router })] : []),
    ]);
  } finally {
    ending.abort();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}

// Loaded only where it is needed: an app node does not pay for it.
async function route(resident: Resident, node: RouterNode): Promise<void> {
  const { keepRouting } = await import("./router/router.ts");
  await keepRouting(resident, node);
}

async function watchInstance(resident: Resident, node: ResidentNode, times: ResidentTimes): Promise<void> {
  const { world, view, signal } = resident;
  const imds = world.imds(node.endpoints?.imds);
  if (imds === undefined) return;
  const instance = await tolerated(view, () =>
    until(
      world.clock,
      { what: "the instance's identity", withinMs: 60_000, everyMs: 1_000, fix: "see IMDS" },
      async () => {
        if (signal.aborted) return done(undefined);
        const answer = await imds.read("dynamic/instance-identity/document");
        if (!answer.done) return answer;
        const found = parseInstance(answer.value ?? "");
        return found ? done(found) : notYet("IMDS gave no identity document");
      },
    ),
  );
  if (instance === undefined) return;
  const place = { region: node.region ?? instance.region, endpoints: node.endpoints };
  const groups = groupsOf(resident, { instanceId: instance.id, autoScaling: world.autoScaling(place) });
  await Promise.all([
    watchInterruptions(resident, { imds, groups, times }),
    every(times.tellMs, signal, () => groups.tellUndelivered()),
  ]);
}
