import type { Server } from "node:http";
import { done, pending, until } from "../base/wait.ts";
import type { DaemonNode } from "../core/node/daemon-node.ts";
import { DRAIN_LIMITS, ROUTER_DRAIN_LIMITS } from "../core/node/drain.ts";
import { type Instance, parseInstance } from "../core/node/instance.ts";
import { canonicalRouter } from "../core/router/document.ts";
import type { Imds, World } from "../world.ts";
import { DegradedBoot } from "./app/degraded-boot.ts";
import { Dependencies } from "./app/dependencies.ts";
import { type Drainer, drainer, drainUnderWay } from "./app/drain.ts";
import { FrontTraffic } from "./app/front-traffic.ts";
import { groupsOf } from "./app/groups.ts";
import { Housekeeping } from "./app/housekeeping.ts";
import { type WatchTimes, watchInterruptions } from "./app/interruptions.ts";
import { Repairs, type RunRepair } from "./app/repairs.ts";
import { Rotation } from "./app/rotation.ts";
import { UnfinishedBoot } from "./app/unfinished-boot.ts";
import { View } from "./app/view.ts";
import { every, pause } from "./every.ts";
import { listenOnLoopback, listenOnSockets } from "./http/listen.ts";
import { type DaemonContext, logAgentError } from "./part.ts";
import type { RouterNode } from "./router/router.ts";
import { Wakeup } from "./wakeup.ts";
import { Watchdog } from "./watchdog.ts";

export interface DaemonOptions {
  node: DaemonNode;
  /** On loopback; 0 for none, only the socket. */
  port: number;
  signal: AbortSignal;
  /** Runs this program again; without it nothing is repaired and no boot taken up. */
  again?: { readonly repair: RunRepair; readonly boot: () => Promise<void>; readonly values: () => Promise<void> };
  /** What the journal should show; a subject once. */
  tell?: (text: string) => void;
  times?: DaemonTimes;
}

export interface DaemonTimes extends WatchTimes {
  /** Milliseconds between two looks at the engine, of a healthy node and of one whose balancer waits for it. */
  lookMs: number;
  eagerMs: number;
  /** Milliseconds between two tries to tell the group what it has not heard. */
  tellMs: number;
}

export const DAEMON_TIMES: DaemonTimes = {
  lookMs: 1_000,
  eagerMs: 250,
  spotMs: 1_500,
  targetMs: 5_000,
  tellMs: 30_000,
  drain: DRAIN_LIMITS,
};

/** The engine and the disk have limits of their own; beyond their sum the look hangs. */
const LOOK_LIMIT_MS = 30_000;

/** Milliseconds before an engine that ended its stream of events is listened to again. */
const LISTEN_AGAIN_MS = 1_000;

/** Stays until the signal: looks at the stack, answers for it, and takes the node out of traffic before it ends. */
export async function runDaemon(world: World, options: DaemonOptions): Promise<void> {
  const { node, times = DAEMON_TIMES } = options;
  // One part that ends, for a bug, ends the others: systemd starts all of them anew.
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const watchdog = new Watchdog({ clock: world.clock, notify: world.notifySystemd });
  const view = new View(world.clock, { role: node.role, stalled: () => watchdog.stalled(), tell: options.tell });
  const look = () => view.refresh({ files: world.files, engine: world.engineSocket, project: node.project });
  const underWay = await drainUnderWay(world, view);
  // Before anybody can ask: one answer 200 in between, and the balancer counts from the beginning.
  if (underWay !== undefined) view.drain(underWay.why);
  await look();
  const servers: Server[] = [];
  try {
    servers.push(...(await listenOnSockets(view, world.files.path)));
    if (options.port !== 0) servers.push(await listenOnLoopback(view, options.port));
    const daemon = { world, view, watchdog, signal };
    const wakeup = new Wakeup();
    const { repairs, chores } = repairsOf(daemon, options, () => wakeup.notify());
    const traffic = node.role === "app" ? new FrontTraffic(daemon) : undefined;
    const lookAndRepair = async () => {
      await look();
      traffic?.consider();
      await repairs?.consider();
      for (const chore of chores) await chore.consider();
    };
    const drain = drainer(daemon, node.role === "router" ? ROUTER_DRAIN_LIMITS : times.drain);
    await Promise.all([
      every(() => (view.health().status === "unhealthy" ? times.eagerMs : times.lookMs), signal, lookAndRepair, {
        turned: watchdog.part("the look at the node", LOOK_LIMIT_MS),
        wakeup,
      }),
      ...(node.role === "router" ? [] : [askDependencies(daemon, times.lookMs)]),
      ...(repairs === undefined ? [] : [listenToEngine(daemon, node.project, repairs)]),
      ...(underWay === undefined ? [] : [drain(underWay.why)]),
      watchInstance(daemon, node, { times, drain }),
      ...(node.router ? [route(daemon, { ...node, router: canonicalRouter(node.router) })] : []),
    ]);
  } finally {
    ending.abort();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}

async function askDependencies({ world, view, signal }: DaemonContext, everyMs: number): Promise<void> {
  const dependencies = new Dependencies(world, view);
  await every(everyMs, signal, () => dependencies.ask());
}

interface Repairing {
  readonly repairs?: Repairs;
  /** What begins a boot, or makes room, where nobody else does. */
  readonly chores: ReadonlyArray<UnfinishedBoot | DegradedBoot | Rotation | Housekeeping>;
}

function repairsOf({ world, view }: DaemonContext, { node, again }: DaemonOptions, look: () => void): Repairing {
  if (again === undefined || node.role !== "app") return { chores: [] };
  // A machine without metadata is somebody's own: what fills its disk is theirs.
  const isInstance = world.imds(node.endpoints?.imds) !== undefined;
  const { boot, values } = again;
  return {
    repairs: new Repairs({ world, view, run: again.repair, look }),
    chores: [
      new UnfinishedBoot({ world, view, boot }),
      new DegradedBoot({ world, view, boot }),
      new Rotation({ world, view, node, boot: values }),
      ...(isInstance ? [new Housekeeping({ world, view })] : []),
    ],
  };
}

/** An engine that ended its stream, or was restarted, is listened to again; the look goes on meanwhile. */
async function listenToEngine({ world, signal }: DaemonContext, project: string, repairs: Repairs): Promise<void> {
  await every(LISTEN_AGAIN_MS, signal, () =>
    world.engineSocket.events(project, (event) => repairs.heard(event), signal),
  );
  await repairs.settled();
}

// Loaded only where it is needed: an app node does not pay for it.
async function route(daemon: DaemonContext, node: RouterNode): Promise<void> {
  const { keepRouting } = await import("./router/router.ts");
  await keepRouting(daemon, node);
}

async function watchInstance(
  daemon: DaemonContext,
  node: DaemonNode,
  { times, drain }: { times: DaemonTimes; drain: Drainer },
): Promise<void> {
  const { world, signal } = daemon;
  const imds = world.imds(node.endpoints?.imds);
  if (imds === undefined) return;
  const instance = await identityOf(daemon, imds, times.tellMs);
  if (instance === undefined) return;
  const place = { region: node.region ?? instance.region, endpoints: node.endpoints };
  const groups = groupsOf(daemon, { instanceId: instance.id, autoScaling: world.autoScaling(place) });
  await Promise.all([
    watchInterruptions(daemon, { imds, groups, times, drain }),
    every(times.tellMs, signal, () => groups.tellUndelivered()),
  ]);
}

/** Undefined only when the agent ends: a node that does not know itself hears of no end either. */
async function identityOf(
  { world, view, signal }: DaemonContext,
  imds: Imds,
  againMs: number,
): Promise<Instance | undefined> {
  const wait = { what: "the instance's identity", withinMs: 60_000, everyMs: 1_000, fix: "see IMDS" };
  while (!signal.aborted) {
    const found = await logAgentError(view, () =>
      until(world.clock, wait, async () => {
        if (signal.aborted) return done(undefined);
        const answer = await imds.read("dynamic/instance-identity/document");
        if (!answer.done) return answer;
        const instance = parseInstance(answer.value ?? "");
        return instance ? done(instance) : pending("IMDS gave no identity document");
      }),
    );
    if (found !== undefined) return found;
    await pause(againMs, signal);
  }
  return undefined;
}
