import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { addressOf, natConfig, PROBE_ADDRESS, STATE_PORT } from "../../core/nat/config.ts";
import { tunnelAddresses } from "../../core/nat/network.ts";
import type { NatUsage } from "../../core/nat/usage.ts";
import type { NodeDocument } from "../../core/node-document.ts";
import type { RouterDocument, RouterZone } from "../../core/router-document.ts";
import { DRAIN_PATH } from "../../core/router-status.ts";
import { observeUsage } from "../../phases/nat-usage.ts";
import type { World } from "../../world.ts";
import { every, pause } from "../every.ts";
import { type Resident, tolerated } from "../part.ts";
import { FlowCopy, SNAPSHOT_MS, serveFlows } from "./flow-copy.ts";
import { BEAT_MS, Heartbeat } from "./heartbeat.ts";
import { Pair } from "./pair.ts";
import { PathWatch } from "./path-watch.ts";
import { routerMetrics } from "./router-metrics.ts";
import { writeRouterStatus } from "./router-report.ts";
import { RulesKeeper } from "./rules-keeper.ts";

/** Between two looks at the rules: a deleted one is back within a second. */
const LOOK_MS = 400;
/** Between two rounds of probes while all is well, and while it is not. */
const OWN_ROUND_MS = 300;
const THROUGH_ROUND_MS = 1_000;
const DOUBT_ROUND_MS = 40;
const ROUND_LIMIT_MS = 200;
/** In doubt a round through the other router begins before the last one's time is over. */
const OVERLAP_MS = 100;
/** Silence after which both ways are looked at closely: a beat and a half is overdue. */
const DOUBT_MS = 250;
const SETTLED_MS = 5_000;
const STATUS_MS = 500;
const OWNERS_MS = 10_000;
const METRICS_MS = 5_000;
const USAGE_MS = 20_000;
const FLOWS_FOLDER = "/run/greenleaf/flows";

/** What a router's resident agent is told; the document was checked by the boot. */
export type RouterNode = Pick<NodeDocument, "endpoints" | "region"> & { readonly router: RouterDocument };

/** Keeps the rules, proves the path, and stands by for the other zone until the signal. */
export async function keepRouting(resident: Resident, node: RouterNode): Promise<void> {
  const { world, view, signal } = resident;
  staySmall();
  const keeper = new RulesKeeper(world, node.router);
  await tolerated(view, () => keeper.start());
  const { probes } = natConfig(node.router, keeper.state);
  const own = new PathWatch(world, PROBE_ADDRESS, () => ownTargets(node.router, keeper, probes));
  const loops: Array<Promise<void>> = [every(LOOK_MS, signal, () => tolerated(view, () => keeper.look()))];
  const heartbeat = heartbeatOf(node.router);
  const pair = await startPair(resident, node, { keeper, own, loops, probes, heartbeat });
  loops.push(
    watch(resident, own, {
      calmMs: OWN_ROUND_MS,
      isInDoubt: () => own.isInDoubt || isFalling(world, heartbeat) || pair?.isWorried === true,
      keeper,
    }),
  );
  const measured = { keeper, own, ...(pair === undefined ? {} : { pair }) };
  let usage: NatUsage | undefined;
  loops.push(
    every(USAGE_MS, signal, async () => {
      usage = (await tolerated(view, () => observeUsage(world, node.router, keeper.state))) ?? usage;
    }),
    every(METRICS_MS, signal, async () => {
      view.routerMetrics = (await tolerated(view, () => routerMetrics(world, { ...measured, usage }))) ?? "";
    }),
  );
  loops.push(every(STATUS_MS, signal, () => writeRouterStatus(world, node.router, measured)));
  await Promise.all(loops);
}

// Without its zone it is without its public address as well: the other router is what it can still reach by
// forwarding and translating, which proves all but that address.
function ownTargets(router: RouterDocument, keeper: RulesKeeper, probes: readonly string[]): readonly string[] {
  const other = router.zones[1]?.address;
  return keeper.state.serves.home || other === undefined ? probes : [`${addressOf(other)}:${STATE_PORT}`];
}

// The optimizing compilers bring 8 MB and save a process that uses 5 % of a processor nothing.
function staySmall(): void {
  for (const flag of ["--no-opt", "--no-maglev"]) setFlagsFromString(flag);
}

interface Running {
  readonly keeper: RulesKeeper;
  readonly own: PathWatch;
  readonly loops: Array<Promise<void>>;
  readonly probes: readonly string[];
  readonly heartbeat: Heartbeat | undefined;
}

/** Undefined for a router that stands alone. */
function heartbeatOf({ zones: [home, peer], lease }: RouterDocument): Heartbeat | undefined {
  if (home?.address === undefined || peer?.address === undefined || lease === undefined) return undefined;
  return new Heartbeat(addressOf(home.address), addressOf(peer.address));
}

// Silent since a moment: who is cut off shows within seconds, and whoever is dead need not be asked about all night.
function isFalling({ clock }: World, heartbeat: Heartbeat | undefined): boolean {
  const agoMs = heartbeat?.heardAgoMs(clock.now()) ?? 0;
  return agoMs > DOUBT_MS && agoMs < SETTLED_MS;
}

async function startPair(resident: Resident, node: RouterNode, running: Running): Promise<Pair | undefined> {
  const { world, view, signal } = resident;
  const [home, peer] = node.router.zones;
  const { heartbeat } = running;
  if (heartbeat === undefined || home?.address === undefined || peer?.address === undefined) return undefined;
  const ends = { own: addressOf(home.address), peer: addressOf(peer.address) };
  const parts = {
    world,
    router: node.router,
    id: home.interface ?? ends.own,
    place: { region: node.region ?? regionOf(home.name), endpoints: node.endpoints },
    heartbeat,
    through: new PathWatch(
      world,
      tunnelAddresses(ends.own, ends.peer).local,
      () => running.probes,
      () => running.own.goodAt,
    ),
    copies: copiesOf(world.files.path(FLOWS_FOLDER), [home, peer], ends),
    keeper: running.keeper,
    own: running.own,
    note: (text: string) => view.note(text),
    ...stableFrom(process.env),
  };
  // While nothing comes back by its own way a router can tell nothing of the other's: what it found until then is
  // the targets' fault as well as anybody's, and would have it take the other's zone when they are back.
  running.own.onDoubt(() => parts.through.forget());
  const pair = new Pair(parts, home, peer);
  const server = serveFlows(ends.own, ends.peer);
  signal.addEventListener("abort", () => server.close());
  running.loops.push(...pairLoops(resident, pair, { ...parts, standsByFor: peer.name }));
  return pair;
}

function copiesOf(folder: string, zones: readonly RouterZone[], ends: { own: string; peer: string }) {
  return new Map(
    zones.map((zone) => [zone.name, zone.sources.map((range) => new FlowCopy({ folder, range, ...ends }))]),
  );
}

interface PairLoops {
  readonly heartbeat: Heartbeat;
  readonly through: PathWatch;
  readonly copies: ReadonlyMap<string, readonly FlowCopy[]>;
  readonly standsByFor: string;
}

function pairLoops(
  resident: Resident,
  pair: Pair,
  { heartbeat, through, copies, standsByFor }: PairLoops,
): Array<Promise<void>> {
  const { world, view, signal } = resident;
  signal.addEventListener("abort", () => {
    heartbeat.close();
    for (const copy of [...copies.values()].flat()) copy.close();
  });
  const tick = async () => {
    pair.isDraining = (await world.files.read(DRAIN_PATH)) !== undefined;
    // After a stall of this process timers run first: beats that arrived meanwhile are heard before anything is decided.
    await setImmediate();
    heartbeat.send(pair.beat(), () => world.clock.now());
    pair.tick();
  };
  return [
    every(BEAT_MS, signal, tick),
    watch(resident, through, {
      calmMs: THROUGH_ROUND_MS,
      overlapMs: OVERLAP_MS,
      isInDoubt: () => through.isInDoubt || isFalling(world, heartbeat) || pair.isWorried,
    }),
    every(OWNERS_MS, signal, () => tolerated(view, () => pair.readOwners())),
    keepCopies(resident, copies.get(standsByFor) ?? []),
  ];
}

interface Watching {
  readonly calmMs: number;
  /** After so long the next round may begin beside the last. */
  readonly overlapMs?: number;
  readonly isInDoubt: () => boolean;
  /** Before it calls its own path broken, a router mends what is its own. */
  readonly keeper?: RulesKeeper;
}

// Seldom while all is well, for its targets are other people's; one round after the other while a verdict is looked for.
function watch({ world, view, signal }: Resident, path: PathWatch, watching: Watching): Promise<void> {
  const { calmMs, overlapMs, isInDoubt, keeper } = watching;
  let last = Number.NEGATIVE_INFINITY;
  return every(DOUBT_ROUND_MS, signal, async () => {
    if (!isInDoubt() && world.clock.now() - last < calmMs) return;
    const repairs = keeper?.repairs ?? 0;
    const round = path.round(ROUND_LIMIT_MS);
    await (overlapMs === undefined ? round : Promise.race([round, pause(overlapMs, signal)]));
    last = world.clock.now();
    if (keeper === undefined || !path.isLastChance) return;
    await tolerated(view, () => keeper.look(true));
    if (keeper.repairs > repairs) path.excuse();
  });
}

/** `eu-west-3a` lies in `eu-west-3`. */
const regionOf = (zone: string): string => zone.replace(/[a-z]$/, "");

// A lab cannot wait half a minute for every hand-back.
function stableFrom(environment: Readonly<Record<string, string | undefined>>): { stableMs?: number } {
  const given = Number(environment.GREENLEAF_ROUTER_STABLE_MS);
  return given > 0 ? { stableMs: given } : {};
}

// Until the first copy is whole it is tried often; a router that is away is no failure to report.
async function keepCopies({ signal }: Resident, copies: readonly FlowCopy[]): Promise<void> {
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
