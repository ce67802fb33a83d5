import {
  type Beat,
  decide,
  HOLD_MS,
  isInDoubt,
  isWorried,
  type PairView,
  RENEW_MS,
  type Step,
} from "../../../node-agent/src/core/router-decision.ts";
import { LeaseView, NOBODY } from "../../../node-agent/src/core/router-lease.ts";
import type { Index, Region } from "./region.ts";

// Two routers that obey decide(), their zones, the lease store and the routes, in steps of 50 ms. Every router's clock
// begins elsewhere, every call to the store takes its time, and rounds of probes fall due when each router's own do.
const STABLE_MS = 1_000;

type Side = "home" | "peer";

export class Router {
  readonly serves: Record<Side, boolean> = { home: true, peer: false };
  readonly #views: Readonly<Record<Side, LeaseView>>;
  readonly #wanted: Record<Side, boolean> = { home: false, peer: false };
  #failed = 0;
  #provenSince: number | undefined;
  #goodAt = Number.NEGATIVE_INFINITY;
  #throughFailed = 0;
  #throughFailedAt = Number.NEGATIVE_INFINITY;
  #ownAt: number;
  #throughAt: number;
  #heard: { beat: Beat; at: number } | undefined;
  #isGiving = false;
  #isRoutedAway = false;
  #work: { at: number; act: () => void } | undefined;
  #waitUntil = 0;
  readonly index: Index;
  readonly #region: Region;
  readonly #skew: number;

  constructor(index: Index, region: Region) {
    this.index = index;
    this.#views = { home: new LeaseView(`r${index}`), peer: new LeaseView(`r${index}`) };
    this.#region = region;
    this.#skew = region.random() * 1e6;
    this.#ownAt = region.random() * 300;
    this.#throughAt = region.random() * 1_000;
  }

  get #own(): number {
    return this.#region.now + this.#skew;
  }

  get #other(): Index {
    return this.index === 0 ? 1 : 0;
  }

  holds(side: Side): boolean {
    return (this.#views[side].leftMs(this.#own) ?? 0) > 0;
  }

  hear(beat: Beat): void {
    this.#heard = { beat, at: this.#own };
  }

  beat(): Beat {
    const provenForMs = this.#provenSince === undefined ? 0 : this.#own - this.#provenSince;
    const isProven = this.#provenSince !== undefined;
    return {
      router: `r${this.index}`,
      isProven,
      isDoubtful: this.#failed > 0,
      provenForMs,
      serves: { ...this.serves },
      isDraining: false,
      isGiving: this.#isGiving,
    };
  }

  /** Rounds as seldom and as often as the resident agent's. */
  probe(): void {
    const { now } = this.#region;
    const isFalling = this.#silentMs > 250 && this.#silentMs < 5_000;
    const worried = isWorried(this.#heard?.beat, this.#throughFailed);
    const isDoubtful = (failed: number) => isFalling || worried || (failed > 0 && failed < 10);
    if (now >= this.#ownAt) {
      this.#probeOwn();
      this.#ownAt = now + (isDoubtful(this.#failed) ? 50 : 300);
    }
    if (now < this.#throughAt) return;
    this.#probeThrough();
    this.#throughAt = now + (isDoubtful(this.#throughFailed) ? 150 : 1_000);
  }

  get #silentMs(): number {
    return this.#heard === undefined ? Number.POSITIVE_INFINITY : this.#own - this.#heard.at;
  }

  #probeOwn(): void {
    const { cuts, routes } = this.#region;
    const isOpen = !cuts.internet[this.index] && !cuts.targets && routes[this.index] === this.index;
    const isGood = this.serves.home ? isOpen : !cuts.link;
    if (this.#failed > 0 || !isGood || this.#provenSince === undefined) this.#throughFailed = 0;
    if (isGood) {
      this.#failed = 0;
      this.#provenSince ??= this.#own;
      this.#goodAt = this.#own;
      return;
    }
    this.#failed += 1;
    if (this.#failed > 1) this.#provenSince = undefined;
  }

  #probeThrough(): void {
    const { cuts, routes } = this.#region;
    const isReached = !cuts.link && !cuts.internet[this.#other] && !cuts.targets;
    const isGood = isReached && routes[this.#other] === this.#other;
    if (isGood) this.#throughFailed = 0;
    else if (this.#throughFailed === 0 || this.#goodAt > this.#throughFailedAt) {
      this.#throughFailed += 1;
      this.#throughFailedAt = this.#own;
    }
  }

  tick(): void {
    const view = this.#view();
    if (!this.#region.cuts.store[this.index]) this.#keep(isInDoubt(view));
    if (this.serves.peer && !this.holds("peer")) this.serves.peer = false;
    if (this.#work !== undefined) return this.#goOn();
    if (this.#region.now < this.#waitUntil) return;
    this.#start(decide(view).step);
  }

  #view(): PairView {
    const heardAgoMs = this.#heard === undefined ? undefined : this.#own - this.#heard.at;
    const left = (side: Side) => this.#views[side].leftMs(this.#own);
    return {
      serves: this.serves,
      isProven: this.#provenSince !== undefined && this.#failed === 0,
      isLost: this.#provenSince === undefined,
      goodAgoMs: this.#own - this.#goodAt,
      failedThroughPeer: this.#throughFailed,
      failedAgoMs: this.#own - this.#throughFailedAt,
      heardAgoMs,
      beat: this.#heard?.beat,
      isDraining: false,
      isRoutedAway: this.#isRoutedAway,
      leases: { home: this.#views.home.holder(this.#own), peer: this.#views.peer.holder(this.#own) },
      leftMs: { home: left("home"), peer: left("peer") },
      stableMs: STABLE_MS,
      goesFirst: this.index === 0,
    };
  }

  #keep(isDoubtful: boolean): void {
    for (const side of ["home", "peer"] as const) {
      const left = this.#views[side].leftMs(this.#own);
      if (this.#wanted[side] && left !== undefined && left > 0 && left < HOLD_MS - RENEW_MS)
        this.#write(side, `r${this.index}`);
      if (isDoubtful && this.#region.now % 300 === 0) this.#read(side);
    }
    if (this.#region.now % 10_000 === 0) this.#isRoutedAway = this.#region.routes[this.index] !== this.index;
  }

  #zone(side: Side): Index {
    return side === "home" ? this.index : this.#other;
  }

  #read(side: Side): void {
    this.#views[side].observe(this.#region.store.get(this.#zone(side)), this.#own);
  }

  // The term counts from before the write was sent.
  #write(side: Side, holder: string): boolean {
    const { store, cuts, random } = this.#region;
    if (cuts.store[this.index]) return false;
    const view = this.#views[side];
    if (store.get(this.#zone(side))?.version !== view.record?.version) {
      this.#read(side);
      return false;
    }
    const record = { holder, version: String((this.#region.versions += 1)) };
    store.set(this.#zone(side), record);
    view.written(record, this.#own - Math.floor(random() * 1_500));
    return true;
  }

  #claims(side: Side): boolean {
    this.#wanted[side] = this.#views[side].holder(this.#own) !== "other" && this.#write(side, `r${this.index}`);
    return this.#wanted[side];
  }

  #releases(side: Side): void {
    this.#wanted[side] = false;
    if (this.#views[side].leftMs(this.#own) !== undefined) this.#write(side, NOBODY);
  }

  #after(act: () => void): void {
    this.#work = { at: this.#region.now + 50 + Math.floor(this.#region.random() * 400), act };
  }

  #goOn(): void {
    if (this.#work === undefined || this.#region.now < this.#work.at) return;
    const { act } = this.#work;
    this.#work = undefined;
    act();
  }

  #fail(): void {
    this.#waitUntil = this.#region.now + 2_000;
  }

  #start(step: Step): void {
    const steps: Readonly<Record<Step, () => void>> = {
      rest: () => undefined,
      "take-peer": () => this.#after(() => this.#takePeer()),
      "give-back": () => this.#giveBack(this.#region.now + 8_000),
      "drop-peer": () => (this.serves.peer = false),
      "yield-home": () => (this.serves.home = false),
      "accept-home": () => this.#after(() => this.#acceptHome()),
      "claim-home": () => this.#after(() => this.#claims("home") || this.#fail()),
      "release-home": () => this.#after(() => this.#releases("home")),
      "take-home": () => this.#after(() => this.#takeHome()),
    };
    steps[step]();
  }

  #takePeer(): void {
    if (!this.#claims("peer")) return this.#fail();
    this.serves.peer = true;
    this.#after(() => {
      if (!this.#region.cuts.store[this.index] && this.holds("peer")) return this.#region.move(this.#other, this.index);
      this.serves.peer = false;
      this.#releases("peer");
      this.#fail();
    });
  }

  #giveBack(until: number): void {
    this.#isGiving = true;
    this.#after(() => {
      if (this.#heard?.beat.serves.home !== true && this.#region.now < until) return this.#giveBack(until);
      this.#isGiving = false;
      if (this.#region.now >= until || this.#region.cuts.store[this.index] || !this.holds("peer")) return this.#fail();
      this.#region.move(this.#other, this.#other);
      this.serves.peer = false;
      this.#releases("peer");
      this.#throughFailed = 0;
      this.#waitUntil = this.#region.now + 3_000;
    });
  }

  #acceptHome(): void {
    this.serves.home = true;
    this.#isRoutedAway = false;
    this.#waitUntil = this.#region.now + 3_000;
  }

  #takeHome(): void {
    if (!this.#claims("home")) return this.#fail();
    this.serves.home = true;
    this.#after(() => {
      if (this.#region.cuts.store[this.index]) return this.#fail();
      this.#region.move(this.index, this.index);
      this.#isRoutedAway = false;
      this.#releases("home");
    });
  }
}

/** Beats, probes and decisions of one step. */
export function pass(region: Region, routers: readonly [Router, Router]): void {
  if (region.now % 100 === 0 && !region.cuts.link) {
    routers[1].hear(routers[0].beat());
    routers[0].hear(routers[1].beat());
  }
  for (const each of routers) each.probe();
  for (const each of routers) each.tick();
}
