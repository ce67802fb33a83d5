import { expect, test } from "vitest";
import { type Beat, decide, HOLD_MS, isInDoubt, type PairView, RENEW_MS, type Step } from "./router-decision.ts";
import { type LeaseRecord, LeaseView, NOBODY } from "./router-lease.ts";

// Two routers that obey decide(), their zones, the lease store and the routes, in steps of 50 ms; what is between them
// is cut at random. Every router's clock begins elsewhere, and every call to the store takes its time.
const TICK_MS = 50;
const STABLE_MS = 1_000;

type Side = "home" | "peer";
type Index = 0 | 1;

interface Cuts {
  link: boolean;
  readonly store: [boolean, boolean];
  readonly internet: [boolean, boolean];
}

class Region {
  now = 0;
  readonly cuts: Cuts = { link: false, store: [false, false], internet: [false, false] };
  /** Whom each zone's route names, and who carries its public address. */
  readonly routes: [Index, Index] = [0, 1];
  readonly store = new Map<Index, LeaseRecord>();
  versions = 0;
  moves = 0;
  readonly random: () => number;

  constructor(seed: number) {
    let state = seed;
    this.random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  }

  move(zone: Index, to: Index): void {
    if (this.routes[zone] !== to) this.moves += 1;
    this.routes[zone] = to;
  }
}

class Router {
  readonly serves: Record<Side, boolean> = { home: true, peer: false };
  readonly #views: Readonly<Record<Side, LeaseView>>;
  readonly #wanted: Record<Side, boolean> = { home: false, peer: false };
  #failed = 0;
  #provenSince: number | undefined;
  #goodAt = Number.NEGATIVE_INFINITY;
  #throughFailed = 0;
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
      provenForMs,
      serves: { ...this.serves },
      isDraining: false,
      isGiving: this.#isGiving,
    };
  }

  probe(): void {
    const { cuts, routes } = this.#region;
    const hasAddress = routes[this.index] === this.index;
    const isGood = this.serves.home ? !cuts.internet[this.index] && hasAddress : !cuts.link;
    this.#failed = isGood ? 0 : this.#failed + 1;
    if (isGood) this.#provenSince ??= this.#own;
    if (isGood) this.#goodAt = this.#own;
    if (this.#failed > 1) this.#provenSince = undefined;
    const isOpen = !cuts.link && !cuts.internet[this.#other] && routes[this.#other] === this.#other;
    this.#throughFailed = isOpen ? 0 : this.#throughFailed + 1;
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
      isProvenSince: this.#own - this.#goodAt < (heardAgoMs ?? Number.POSITIVE_INFINITY),
      failedThroughPeer: this.#throughFailed,
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

/** A minute of random cuts, then forty seconds in peace. */
function partitioned(seed: number) {
  const region = new Region(seed);
  const routers = [new Router(0, region), new Router(1, region)] as const;
  let together = 0;
  for (; region.now < 100_000; region.now += TICK_MS) {
    pass(region, routers);
    for (const each of routers) each.tick();
    together += Number(routers[0].holds("home") && routers[1].holds("peer"));
    together += Number(routers[1].holds("home") && routers[0].holds("peer"));
    together += routers.filter((each) => each.serves.peer && !each.holds("peer")).length;
  }
  const isHome = region.routes.every((owner, zone) => owner === zone);
  const isCalm = routers.every(({ serves }) => serves.home && !serves.peer);
  return { together, moves: region.moves, isHealed: isHome && isCalm };
}

function pass(region: Region, routers: readonly [Router, Router]): void {
  if (region.now % 500 === 0) shake(region);
  if (region.now % 100 === 0 && !region.cuts.link) {
    routers[1].hear(routers[0].beat());
    routers[0].hear(routers[1].beat());
  }
  if (region.now % 300 === 0) for (const each of routers) each.probe();
}

function shake({ cuts, random, now }: Region): void {
  const flips = (cut: boolean) => (now >= 60_000 ? false : random() < 0.08 ? !cut : cut);
  cuts.link = flips(cuts.link);
  for (const index of [0, 1] as const) {
    cuts.store[index] = flips(cuts.store[index]);
    cuts.internet[index] = flips(cuts.internet[index]);
  }
}

test("in 1,000 random partitions no zone has two holders, nobody serves the other's without its lease, and all heal", () => {
  const runs = Array.from({ length: 1_000 }, (_, seed) => ({ seed, ...partitioned(seed + 1) }));
  expect(runs.filter(({ together }) => together > 0).map(({ seed }) => seed)).toEqual([]);
  expect(runs.reduce((sum, { moves }) => sum + moves, 0)).toBeGreaterThan(1_000);
  expect(runs.filter(({ isHealed }) => !isHealed).map(({ seed }) => seed)).toEqual([]);
});
