import { AgentError } from "../../base/errors.ts";
import type { RouterZone } from "../../core/router/document.ts";
import {
  type Decision,
  decide,
  type FailoverView,
  type Heartbeat,
  HOLD_MS,
  isInDoubt,
  isWorried,
  stableAfter,
} from "../../core/router/failover/decision.ts";
import { addressOf } from "../../core/router/nat/config.ts";
import { peerState, type RouterStatus } from "../../core/router/status.ts";
import type { World } from "../../world.ts";
import type { FailoverParts } from "./failover-parts.ts";
import { recentHeartbeat } from "./heartbeat.ts";
import { OldFlows } from "./old-flows.ts";
import { type Side, ZoneLeases } from "./zone-leases.ts";
import { accepted, loadFlows, moveZone } from "./zone-move.ts";

/** Flows may begin in the middle for so long after a zone changed hands. */
const ADOPT_MS = 30_000;
/** A router that got its zone back proves itself outside within this. */
const GRACE_MS = 3_000;
/** After a step failed for outside reasons. */
const BACKOFF_MS = 2_000;
const HOUR_MS = 3_600_000;

/** Two routers, two zones: executes what core/router/failover/decision.ts decides. */
export class FailoverController {
  readonly #parts: FailoverParts;
  readonly #zones: Readonly<Record<Side, RouterZone>>;
  readonly #leases: ZoneLeases;
  readonly #ec2: ReturnType<World["ec2"]>;
  readonly #owners: Record<Side, string | undefined> = { home: undefined, peer: undefined };
  #busy: Promise<void> | undefined;
  readonly #oldFlows: OldFlows;
  #isGiving = false;
  #hasStandby = false;
  #waitUntil = 0;
  #adoptUntil: number | undefined;
  #failovers: number[] = [];
  isDraining = false;
  event = "started";
  since: string;
  /** The last failover: when it was decided, and milliseconds until the zone was served. */
  lastFailover: RouterStatus["failover"];
  counts = { failovers: 0, failbacks: 0, failures: 0 };

  constructor(parts: FailoverParts, home: RouterZone, peer: RouterZone) {
    this.#parts = parts;
    this.#zones = { home, peer };
    // An AWS call that ends after the lease would act without it.
    this.#ec2 = parts.world.ec2(parts.place, HOLD_MS);
    this.#leases = new ZoneLeases({
      router: parts.id,
      zones: { home: home.name, peer: peer.name },
      clock: parts.world.clock,
      store: parts.world.leases(parts.place, parts.router.lease ?? ""),
      tell: (text) => this.#tell(text),
    });
    this.#oldFlows = new OldFlows({
      conntrack: parts.world.conntrack,
      zones: this.#zones,
      copies: parts.copies,
      tell: (text) => this.#tell(text),
    });
    this.since = parts.world.clock.date().toISOString();
  }

  owner(side: Side): string {
    const found = this.#owners[side];
    if (found === undefined) return "unknown";
    if (found === this.#zones.home.interface) return "this router";
    return found === this.#zones.peer.interface ? "the other router" : found;
  }

  peer(): ReturnType<typeof peerState> {
    const { heartbeat, through, world } = this.#parts;
    return peerState(heartbeat.msSinceHeartbeat(world.clock.now()), heartbeat.last, through.why);
  }

  heartbeat(): Heartbeat {
    const { own, reconciler, id } = this.#parts;
    return {
      router: id,
      isProven: own.isProven,
      isDoubtful: own.failedRounds > 0,
      provenForMs: own.provenForMs(),
      serves: reconciler.state.serves,
      isDraining: this.isDraining,
      isGiving: this.#isGiving,
    };
  }

  get isWorried(): boolean {
    return isWorried(this.#parts.heartbeat.last, this.#parts.through.failedRounds);
  }

  /** Called several times a second: never waits for AWS itself. */
  tick(): void {
    const now = this.#parts.world.clock.now();
    const view = this.#view(now);
    this.#leases.keep(isInDoubt(view));
    this.#endAdoption(now);
    this.#oldFlows.look(now, () => this.#parts.reconciler.state.serves, recentHeartbeat(this.#parts.heartbeat, now));
    // A lease that ran out stops the forwarding at once, whatever else is under way.
    if (view.serves.peer && (view.leftMs.peer ?? 0) <= 0) return void this.#logFailure(() => this.#dropPeer());
    if (this.#busy !== undefined || now < this.#waitUntil) return;
    const decision = decide(view);
    if (decision.kind === "rest") return;
    this.#busy = this.#execute(decision).finally(() => (this.#busy = undefined));
  }

  async readOwners(): Promise<void> {
    await this.#prepareStandby();
    for (const side of ["home", "peer"] as const) {
      const { routeTable } = this.#zones[side];
      if (routeTable !== undefined) this.#owners[side] = await this.#ec2.routeOwner(routeTable);
    }
  }

  // Long before it is needed: one call less between a death and the end of its outage.
  async #prepareStandby(): Promise<void> {
    const { interface: own, standby } = this.#zones.home;
    if (this.#hasStandby || own === undefined || standby === undefined) return;
    await this.#ec2.assignPrivateAddress(own, standby);
    this.#hasStandby = true;
  }

  #view(now: number): FailoverView {
    const { own, through, heartbeat, reconciler } = this.#parts;
    const msSinceHeartbeat = heartbeat.msSinceHeartbeat(now);
    return {
      serves: reconciler.state.serves,
      isProven: own.isProven && own.failedRounds === 0,
      isLost: !own.isProven,
      msSinceSuccess: own.msSinceSuccess,
      failedThroughPeer: through.failedRounds,
      msSinceFailure: through.msSinceFailure,
      msSinceHeartbeat,
      heartbeat: heartbeat.last,
      isDraining: this.isDraining,
      hasKey: this.#parts.keys.areKnown,
      goesFirst: this.#parts.id < (heartbeat.last?.router ?? ""),
      isRoutedAway: this.#owners.home !== undefined && this.#owners.home === this.#zones.peer.interface,
      leases: { home: this.#leases.holder("home"), peer: this.#leases.holder("peer") },
      leftMs: { home: this.#leases.leftMs("home"), peer: this.#leases.leftMs("peer") },
      stableMs: this.#parts.stableMs ?? stableAfter(this.#failovers.filter((at) => now - at < HOUR_MS).length),
    };
  }

  async #execute(decision: Decision): Promise<void> {
    // False where the lease was somebody else's.
    const steps: Record<Exclude<Decision["kind"], "rest">, () => Promise<boolean | void>> = {
      "take-peer": () => this.#takePeer(decision.why),
      "give-back": () => this.#failBack(),
      "drop-peer": () => this.#dropPeer(),
      "yield-home": () => this.#setServed("home", false),
      "accept-home": () => this.#acceptHome(),
      "claim-home": () => this.#leases.claim("home"),
      "release-home": () => this.#leases.release("home"),
      "take-home": () => this.#takeHome(),
    };
    if (decision.kind === "rest") return;
    try {
      const isDone = (await steps[decision.kind]()) !== false;
      this.#tell(`${decision.kind}: ${isDone ? decision.why : "not possible, the other router holds the lease"}`);
    } catch (error) {
      this.#failed(decision.kind, error);
    }
  }

  async #takePeer(why: string): Promise<boolean> {
    const { clock } = this.#parts.world;
    const decided = { at: clock.now(), date: clock.date().toISOString() };
    if (!(await this.#leases.claim("peer"))) return false;
    const { home, peer } = this.#zones;
    // All at once: what comes before the rules stand is dropped, as it is anyway until then.
    try {
      const served = Promise.all([this.#serveZone("peer"), this.#move(peer, home, home.standby)]).then(() =>
        clock.now(),
      );
      // Of a busy zone the last of the copied flows come after the first of its packets.
      const [at] = await Promise.all([served, this.#load(peer, home.standby ?? addressOf(home.address ?? ""))]);
      this.lastFailover = { decided: decided.date, ms: Math.round(at - decided.at), why };
    } catch (error) {
      await this.#setServed("peer", false);
      await this.#leases.release("peer");
      throw error;
    }
    this.counts.failovers = this.#failovers.push(clock.now());
    return true;
  }

  async #failBack(): Promise<void> {
    const { home, peer } = this.#zones;
    this.#isGiving = true;
    try {
      await accepted(this.#parts.world.clock, this.#parts.heartbeat);
      await this.#move(peer, peer, peer.address === undefined ? undefined : addressOf(peer.address));
      await this.#setServed("peer", false);
      await this.#leases.release("peer");
      this.counts.failbacks += 1;
      this.#parts.through.forget();
      this.#waitUntil = this.#parts.world.clock.now() + GRACE_MS;
      this.#owners.home = home.interface;
    } finally {
      this.#isGiving = false;
    }
  }

  async #acceptHome(): Promise<void> {
    await this.#oldFlows.settled;
    await this.#load(this.#zones.home, addressOf(this.#zones.home.address ?? ""), true);
    await this.#serveZone("home");
    this.#owners.home = undefined;
    this.#waitUntil = this.#parts.world.clock.now() + GRACE_MS;
  }

  async #takeHome(): Promise<boolean> {
    const { home } = this.#zones;
    if (!(await this.#leases.claim("home"))) return false;
    if (this.#owners.home === this.#zones.peer.interface) await this.#oldFlows.forget("home");
    await this.#serveZone("home");
    await this.#move(home, home, home.address === undefined ? undefined : addressOf(home.address));
    await this.#leases.release("home");
    return true;
  }

  #dropPeer(): Promise<void> {
    this.#tell("drop-peer: the lease was not renewed in time");
    this.#leases.abandon("peer");
    return this.#setServed("peer", false);
  }

  async #load(zone: RouterZone, address: string, isFresh = false): Promise<void> {
    const flows = { copies: this.#parts.copies.get(zone.name) ?? [], address, idleSeconds: this.#parts.router.idle };
    this.#tell(`${zone.name}: ${await loadFlows(this.#parts.world, flows, isFresh)}`);
  }

  async #move(zone: RouterZone, to: RouterZone, privateAddress: string | undefined): Promise<void> {
    await moveZone(this.#ec2, zone, { interfaceId: to.interface ?? "", privateAddress });
    this.#owners[zone === this.#zones.home ? "home" : "peer"] = to.interface;
  }

  async #setServed(side: Side, isServed: boolean): Promise<void> {
    const { reconciler } = this.#parts;
    await reconciler.setState({ serves: { ...reconciler.state.serves, [side]: isServed } });
  }

  #logFailure(act: () => Promise<void>): Promise<void> {
    return act().catch((error: unknown) => this.#failed("rules", error));
  }

  // Outside reasons are told and tried again; anything else is a bug and ends the process, which forwards on without it.
  #failed(what: string, error: unknown): void {
    if (!(error instanceof AgentError)) throw error;
    this.counts.failures += 1;
    this.#waitUntil = this.#parts.world.clock.now() + BACKOFF_MS;
    this.#tell(`${what} failed: ${error.message}: ${error.why}`);
  }

  // In one change of the rules: a packet that comes before the copied flows must not be answered with a reset.
  #serveZone(side: Side): Promise<void> {
    this.#adoptUntil = this.#parts.world.clock.now() + ADOPT_MS;
    const { reconciler } = this.#parts;
    return reconciler.setState({ serves: { ...reconciler.state.serves, [side]: true }, rejectLateFlows: false });
  }

  #endAdoption(now: number): void {
    if (this.#adoptUntil === undefined) return;
    // While the route still names the other router flows go on being born there.
    if (recentHeartbeat(this.#parts.heartbeat, now)?.isGiving === true) this.#adoptUntil = now + ADOPT_MS;
    if (now < this.#adoptUntil) return;
    this.#adoptUntil = undefined;
    void this.#logFailure(() => this.#parts.reconciler.setState({ rejectLateFlows: true }));
  }

  #tell(text: string): void {
    if (text === this.event) return;
    this.event = text;
    this.since = this.#parts.world.clock.date().toISOString();
    this.#parts.note(`router: ${text}`);
  }
}
