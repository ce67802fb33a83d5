import { setImmediate } from "node:timers/promises";
import { FLOWS_FOLDER, ROUTER_DRAIN_PATH } from "../../base/paths.ts";
import type { NodeDocument } from "../../core/config/node-document.ts";
import { placeOf, type RouterDocument, type RouterZone } from "../../core/router/document.ts";
import { addressOf, natConfig, PROBE_ADDRESS, STATE_PORT } from "../../core/router/nat/config.ts";
import type { NatUsage } from "../../core/router/nat/flows/usage.ts";
import { tunnelAddresses } from "../../core/router/nat/network.ts";
import { observeUsage } from "../../phases/router/nat-usage.ts";
import type { World } from "../../world.ts";
import { every, pause } from "../every.ts";
import { type DaemonContext, logAgentError } from "../part.ts";
import { ConntrackReplica, SNAPSHOT_MS, serveFlows } from "./conntrack-replica.ts";
import { FailoverController } from "./failover-controller.ts";
import { FlowEnds } from "./flow-ends.ts";
import { HEARTBEAT_MS, HeartbeatLink } from "./heartbeat.ts";
import { HeartbeatKeys } from "./heartbeat-keys.ts";
import { keepReconciled, NatReconciler } from "./nat-reconciler.ts";
import { PathProber } from "./path-prober.ts";
import { type Link, routerMetrics } from "./router-metrics.ts";
import { routerStatusWriter } from "./router-report.ts";

const FLOW_ENDS_MS = 100;
const FLOW_LISTING_MS = 20_000;
/** Between two rounds of probes while all is well, and while it is not. */
const OWN_ROUND_MS = 300;
const THROUGH_ROUND_MS = 1_000;
const DOUBT_ROUND_MS = 40;
const ROUND_LIMIT_MS = 200;
/** In doubt a round through the other router begins before the last one's time is over. */
const OVERLAP_MS = 100;
/** Silence after which both ways are looked at closely: a heartbeat and a half is overdue. */
const DOUBT_MS = 250;
const SETTLED_MS = 5_000;
const STATUS_MS = 500;
const OWNERS_MS = 10_000;
const DRAIN_MS = 500;
const KEYS_MS = 1_000;
const METRICS_MS = 5_000;
const USAGE_MS = 20_000;
/** Every program and packet of a loop has its own limit; beyond their sum it hangs. */
const PART_LIMIT_MS = 45_000;
/** What a router's daemon is told; the document was checked by the boot. */
export type RouterNode = Pick<NodeDocument, "endpoints" | "region"> & { readonly router: RouterDocument };

/** Keeps the rules, proves the path, and stands by for the other zone until the signal. */
export async function keepRouting(daemon: DaemonContext, node: RouterNode): Promise<void> {
  const { world, view, signal } = daemon;
  const reconciler = new NatReconciler(world, node.router);
  await logAgentError(view, () => reconciler.start());
  const flowEnds = openFlowEnds(daemon, node.router, reconciler);
  const { probes } = natConfig(node.router, reconciler.state);
  const own = new PathProber(world, PROBE_ADDRESS, () => ownTargets(node.router, reconciler, probes));
  const loops: Array<Promise<void>> = [keepReconciled(daemon, reconciler)];
  loops.push(
    flowEnds.follow(signal),
    every(FLOW_ENDS_MS, signal, () => logAgentError(view, () => flowEnds.tell())),
    every(FLOW_LISTING_MS, signal, () => flowEnds.list(signal)),
  );
  const link = await openLink(daemon, node);
  const heartbeat = link?.heartbeat;
  const failover = await startFailover(daemon, node, { reconciler, own, loops, probes, link, flowEnds });
  loops.push(
    watch(daemon, own, {
      name: "the probes of its own way out",
      calmMs: OWN_ROUND_MS,
      isInDoubt: () => own.isInDoubt || isFalling(world, heartbeat) || failover?.isWorried === true,
      reconciler,
    }),
  );
  const measured = { reconciler, own, flowEnds, ...(failover && { failover }), ...(link && { link }) };
  let usage: NatUsage | undefined;
  loops.push(
    every(USAGE_MS, signal, async () => {
      usage = (await logAgentError(view, () => observeUsage(world, node.router, reconciler.state))) ?? usage;
    }),
    every(METRICS_MS, signal, async () => {
      view.routerMetrics = (await logAgentError(view, () => routerMetrics(world, { ...measured, usage }))) ?? "";
    }),
  );
  loops.push(every(STATUS_MS, signal, routerStatusWriter(world, node.router, measured)));
  await Promise.all(loops);
}

// Without its zone it is without its public address as well: the other router is what it can still reach by
// forwarding and translating, which proves all but that address.
function ownTargets(router: RouterDocument, reconciler: NatReconciler, probes: readonly string[]): readonly string[] {
  const other = router.zones[1]?.address;
  return reconciler.state.serves.home || other === undefined ? probes : [`${addressOf(other)}:${STATE_PORT}`];
}

interface Running {
  readonly reconciler: NatReconciler;
  readonly own: PathProber;
  readonly loops: Array<Promise<void>>;
  readonly probes: readonly string[];
  readonly link: Link | undefined;
  readonly flowEnds: FlowEnds;
}

function openFlowEnds({ world, view }: DaemonContext, router: RouterDocument, reconciler: NatReconciler): FlowEnds {
  return new FlowEnds({ world, router, reconciler, warn: (text) => view.warn("ends of flows", text) });
}

/** Undefined for a router that stands alone. Its key is asked for later: what forwards waits for nobody. */
async function openLink({ world, view }: DaemonContext, node: RouterNode): Promise<Link | undefined> {
  const { zones, lease } = node.router;
  const [home, peer] = zones;
  if (home?.address === undefined || peer?.address === undefined || lease === undefined) return undefined;
  const store = world.leases(placeOf(node, home), lease);
  const keys = new HeartbeatKeys({ files: world.files, clock: world.clock, newKey: () => world.newKey(), store });
  await keys.load();
  const heartbeat = new HeartbeatLink({
    own: addressOf(home.address),
    peer: addressOf(peer.address),
    keys: () => keys.all,
    warn: (text) => view.warn(text, text),
  });
  return { heartbeat, keys };
}

async function keepKeys({ heartbeat, keys }: Link): Promise<void> {
  const { isKeyUnknown } = heartbeat;
  await keys.keep(isKeyUnknown);
  heartbeat.isKeyUnknown = false;
}

// Silent since a moment: who is cut off shows within seconds, and whoever is dead need not be asked about all night.
function isFalling({ clock }: World, heartbeat: HeartbeatLink | undefined): boolean {
  const agoMs = heartbeat?.msSinceHeartbeat(clock.now()) ?? 0;
  return agoMs > DOUBT_MS && agoMs < SETTLED_MS;
}

async function startFailover(
  daemon: DaemonContext,
  node: RouterNode,
  running: Running,
): Promise<FailoverController | undefined> {
  const { world, view, signal } = daemon;
  const [home, peer] = node.router.zones;
  const { link } = running;
  if (link === undefined || home?.address === undefined || peer?.address === undefined) return undefined;
  const ends = { own: addressOf(home.address), peer: addressOf(peer.address) };
  const parts = {
    world: { ...world, conntrack: running.flowEnds.conntrack },
    router: node.router,
    id: home.interface ?? ends.own,
    place: placeOf(node, home),
    ...link,
    through: new PathProber(
      world,
      tunnelAddresses(ends.own, ends.peer).local,
      () => running.probes,
      () => running.own.goodAt,
    ),
    copies: copiesOf([home, peer], ends),
    reconciler: running.reconciler,
    own: running.own,
    note: (text: string) => view.note(text),
    ...stableFrom(process.env),
  };
  await logAgentError(view, () => world.files.remove(FLOWS_FOLDER));
  // While nothing comes back by its own way a router can tell nothing of the other's: what it found until then is
  // the targets' fault as well as anybody's, and would have it take the other's zone when they are back.
  running.own.onDoubt(() => parts.through.forget());
  const failover = new FailoverController(parts, home, peer);
  const server = serveFlows(ends.own, ends.peer);
  signal.addEventListener("abort", () => server.close());
  // Nothing is decided before it is known.
  await readDrain(world, failover);
  running.loops.push(...failoverLoops(daemon, failover, { ...parts, standsByFor: peer.name }));
  return failover;
}

async function readDrain({ files }: World, failover: FailoverController): Promise<void> {
  failover.isDraining = (await files.read(ROUTER_DRAIN_PATH)) !== undefined;
}

function copiesOf(zones: readonly RouterZone[], ends: { own: string; peer: string }) {
  return new Map(
    zones.map((zone) => [zone.name, zone.sources.map((range) => new ConntrackReplica({ range, ...ends }))]),
  );
}

interface FailoverLoops extends Link {
  readonly through: PathProber;
  readonly copies: ReadonlyMap<string, readonly ConntrackReplica[]>;
  readonly standsByFor: string;
}

function failoverLoops(
  daemon: DaemonContext,
  failover: FailoverController,
  { heartbeat, keys, through, copies, standsByFor }: FailoverLoops,
): Array<Promise<void>> {
  const { world, view, signal } = daemon;
  signal.addEventListener("abort", () => {
    heartbeat.close();
    for (const copy of [...copies.values()].flat()) copy.close();
  });
  const tick = async () => {
    // After a stall of this process timers run first: heartbeats that arrived meanwhile are heard before anything is decided.
    await setImmediate();
    heartbeat.send(failover.heartbeat(), () => world.clock.now());
    failover.tick();
  };
  return [
    every(HEARTBEAT_MS, signal, tick, { turned: daemon.watchdog.part("the heartbeat", PART_LIMIT_MS) }),
    watch(daemon, through, {
      name: "the probes through the other router",
      calmMs: THROUGH_ROUND_MS,
      overlapMs: OVERLAP_MS,
      isInDoubt: () => through.isInDoubt || isFalling(world, heartbeat) || failover.isWorried,
    }),
    every(DRAIN_MS, signal, () => readDrain(world, failover)),
    every(KEYS_MS, signal, () => logAgentError(view, () => keepKeys({ heartbeat, keys }))),
    every(OWNERS_MS, signal, () => logAgentError(view, () => failover.readOwners())),
    keepCopies(daemon, copies.get(standsByFor) ?? []),
  ];
}

interface Watching {
  readonly name: string;
  readonly calmMs: number;
  /** After so long the next round may begin beside the last. */
  readonly overlapMs?: number;
  readonly isInDoubt: () => boolean;
  /** Before it calls its own path broken, a router fixes what is its own. */
  readonly reconciler?: NatReconciler;
}

// Seldom while all is well, for its targets are other people's; one round after the other while a verdict is looked for.
function watch({ world, view, watchdog, signal }: DaemonContext, path: PathProber, watching: Watching): Promise<void> {
  const { calmMs, overlapMs, isInDoubt, reconciler } = watching;
  let last = Number.NEGATIVE_INFINITY;
  const round = async () => {
    if (!isInDoubt() && world.clock.now() - last < calmMs) return;
    const repairs = reconciler?.repairs ?? 0;
    const answered = path.round(ROUND_LIMIT_MS);
    await (overlapMs === undefined ? answered : Promise.race([answered, pause(overlapMs, signal)]));
    last = world.clock.now();
    if (reconciler === undefined || !path.isLastChance) return;
    await logAgentError(view, () => reconciler.reconcile(true));
    if (reconciler.repairs > repairs) path.excuse();
  };
  return every(DOUBT_ROUND_MS, signal, round, { turned: watchdog.part(watching.name, PART_LIMIT_MS) });
}

// A lab cannot wait half a minute for every failback.
function stableFrom(environment: Readonly<Record<string, string | undefined>>): { stableMs?: number } {
  const given = Number(environment.GREENLEAF_ROUTER_STABLE_MS);
  return given > 0 ? { stableMs: given } : {};
}

// Until the first copy is whole it is tried often; a router that is away is no failure to report.
async function keepCopies({ signal }: DaemonContext, copies: readonly ConntrackReplica[]): Promise<void> {
  await Promise.all(
    copies.map(async (copy) => {
      let last = Number.NEGATIVE_INFINITY;
      await every(1_000, signal, async () => {
        if (copy.isComplete && performance.now() - last < SNAPSHOT_MS) return;
        last = performance.now();
        await copy.refresh().catch(() => (last = Number.NEGATIVE_INFINITY));
      });
    }),
  );
}
