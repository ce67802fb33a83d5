import { expect, test } from "vitest";
import { type DecisionKind, decide, type FailoverView, type Heartbeat, LEASE_MS } from "./decision.ts";
import { type LeaseRecord, LeaseView, NOBODY } from "./lease.ts";

const calm: FailoverView = {
  serves: { home: true, peer: false },
  isProven: true,
  isLost: false,
  msSinceSuccess: 50,
  failedThroughPeer: 0,
  msSinceFailure: 200,
  msSinceHeartbeat: 100,
  heartbeat: {
    router: "b",
    isProven: true,
    isDoubtful: false,
    provenForMs: 60_000,
    serves: { home: true, peer: false },
    isDraining: false,
    isGiving: false,
  },
  isDraining: false,
  hasKey: true,
  isRoutedAway: false,
  leases: { home: "nobody", peer: "nobody" },
  leftMs: { home: undefined, peer: undefined },
  stableMs: 30_000,
  goesFirst: true,
};
const step = (over: Partial<FailoverView>): DecisionKind => decide({ ...calm, ...over }).kind;
const heartbeat = (over: Partial<Heartbeat>): Heartbeat => ({ ...(calm.heartbeat as Heartbeat), ...over });

test("while all is well nothing moves", () => expect(step({})).toBe("rest"));

test("a silent router whose path still answers is left alone, except that the own zone is claimed", () => {
  expect(
    step({ msSinceHeartbeat: 5_000, leases: { home: "me", peer: "nobody" }, leftMs: { home: 5_000, peer: undefined } }),
  ).toBe("rest");
  expect(step({ msSinceHeartbeat: 500 })).toBe("claim-home");
});

test("silence and a dead path together move the zone, if the own path is proven and nobody claimed it", () => {
  const dead = {
    msSinceHeartbeat: 1_000,
    failedThroughPeer: 2,
    leases: { home: "me", peer: "nobody" },
    leftMs: { home: 5_000, peer: undefined },
  } as const;
  expect(step(dead)).toBe("take-peer");
  expect(step({ ...dead, isProven: false })).toBe("rest");
  expect(step({ ...dead, serves: { home: false, peer: false }, leases: { home: "other", peer: "nobody" } })).toBe(
    "rest",
  );
  expect(step({ ...dead, leases: { home: "me", peer: "other" } })).toBe("rest");
  expect(step({ ...dead, leases: { home: "me", peer: "expired" } })).toBe("take-peer");
});

test("probes through the other that were lost after the last own answer prove nothing: the targets may be dead", () => {
  const doubtful = { failedThroughPeer: 5, heartbeat: heartbeat({ isProven: false }) } as const;
  expect(step({ ...doubtful, msSinceSuccess: 250, msSinceFailure: 200 })).toBe("rest");
  expect(step({ ...doubtful, msSinceSuccess: 150, msSinceFailure: 200 })).toBe("take-peer");
});

test("a router that is heard and sure of itself keeps its zone, whatever the tunnel says", () => {
  expect(step({ failedThroughPeer: 9 })).toBe("rest");
  expect(step({ failedThroughPeer: 2, heartbeat: heartbeat({ isProven: false }) })).toBe("take-peer");
});

test("a router without the key takes nothing, and does all the rest", () => {
  const dead = { msSinceHeartbeat: 1_000, failedThroughPeer: 2, leases: { home: "me", peer: "nobody" } } as const;
  const claimed = { ...dead, leftMs: { home: 5_000, peer: undefined } };
  expect([step(claimed), step({ ...claimed, hasKey: false })]).toEqual(["take-peer", "rest"]);
  expect(step({ msSinceHeartbeat: 500, hasKey: false })).toBe("claim-home");
  const given = { serves: { home: false, peer: false }, heartbeat: heartbeat({ isGiving: true }) };
  expect(step({ ...given, hasKey: false })).toBe("accept-home");
});

test("a zone is given back after the other was proven for long enough, and dropped when the lease runs out", () => {
  const holding = {
    serves: { home: true, peer: true },
    leases: { home: "nobody", peer: "me" },
    leftMs: { home: undefined, peer: 4_000 },
  } as const;
  expect(step({ ...holding, heartbeat: heartbeat({ provenForMs: 29_000 }) })).toBe("rest");
  expect(step(holding)).toBe("give-back");
  expect(step({ ...holding, leftMs: { home: undefined, peer: 0 } })).toBe("drop-peer");
});

test("a router that is cut off itself claims nothing, and gives up what it claimed", () => {
  // Answered just before the other fell silent: both may have been cut off at once.
  expect(step({ msSinceHeartbeat: 500, msSinceSuccess: 400 })).toBe("rest");
  const claimed = { leases: { home: "me", peer: "nobody" }, leftMs: { home: 5_000, peer: undefined } } as const;
  expect(step({ ...claimed, msSinceHeartbeat: 5_000, isProven: false })).toBe("rest");
  expect(step({ ...claimed, msSinceHeartbeat: 5_000, isProven: false, isLost: true })).toBe("release-home");
});

test("of two routers that serve each other's zones one gives back first", () => {
  const swapped = {
    serves: { home: false, peer: true },
    leases: { home: "other", peer: "me" },
    leftMs: { home: undefined, peer: 5_000 },
    heartbeat: heartbeat({ serves: { home: false, peer: true } }),
  } as const;
  expect(step(swapped)).toBe("give-back");
  expect(step({ ...swapped, goesFirst: false })).toBe("rest");
});

test("a router whose zone nobody serves takes it back even where it cannot prove itself without its address", () => {
  const lost = { serves: { home: false, peer: false }, isProven: false, msSinceHeartbeat: 9_000 } as const;
  expect(step({ ...lost, leases: { home: "other", peer: "nobody" } })).toBe("rest");
  expect(step({ ...lost, leases: { home: "expired", peer: "nobody" } })).toBe("take-home");
  const swapped = {
    isRoutedAway: true,
    isProven: false,
    isLost: true,
    heartbeat: heartbeat({ isProven: false }),
  } as const;
  expect(step(swapped)).toBe("take-home");
  expect(step({ ...swapped, heartbeat: heartbeat({ isProven: false, serves: { home: true, peer: true } }) })).toBe(
    "rest",
  );
});

interface Side {
  readonly name: string;
  readonly view: LeaseView;
  /** Its clock begins somewhere else. */
  readonly skew: number;
  isServing: boolean;
  isCut: boolean;
}

type Store = Map<string, LeaseRecord>;
let versions = 0;

/** Writes if the store still holds what was seen; the write arrives late, so the term counts from before it was sent. */
function write(store: Store, { side, own, next }: { side: Side; own: number; next: () => number }): boolean {
  const gives = side.view.holder(own) === "me" && next() < 0.1;
  if (store.get("z")?.version !== side.view.record?.version) return false;
  const record = { holder: gives ? NOBODY : side.name, version: String((versions += 1)) };
  store.set("z", record);
  side.view.written(record, own - Math.floor(next() * 2_000));
  const wasServing = side.isServing;
  side.isServing = !gives && (side.view.leftMs(own) ?? 0) > 0;
  return side.isServing && !wasServing;
}

function turn(store: Store, { side, own, next }: { side: Side; own: number; next: () => number }): boolean {
  if (next() < 0.01) side.isCut = !side.isCut;
  if (side.isServing && (side.view.leftMs(own) ?? 0) <= 0) side.isServing = false;
  if (side.isCut || next() < 0.5) return false;
  side.view.observe(store.get("z"), own);
  const holder = side.view.holder(own);
  if (holder === "other" || (holder === "me" && (side.view.leftMs(own) ?? 0) > 3_000)) return false;
  return write(store, { side, own, next });
}

/** Two routers with clocks of their own and one store, each cut off from it at random. */
function partitioned(seed: number): { owners: number; failovers: number } {
  let random = seed;
  const next = () => (random = (random * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const store: Store = new Map();
  const sides = ["a", "b"].map((name) => ({
    name,
    view: new LeaseView(name),
    skew: next() * 1e6,
    isServing: false,
    isCut: false,
  }));
  let owners = 0;
  let failovers = 0;
  for (let now = 0; now < 60_000; now += 100) {
    for (const side of sides) failovers += turn(store, { side, own: now + side.skew, next }) ? 1 : 0;
    owners = Math.max(owners, sides.filter(({ isServing }) => isServing).length);
  }
  return { owners, failovers };
}

test("in 500 random partitions with clocks of their own there are never two owners, and there is one often", () => {
  const runs = Array.from({ length: 500 }, (_, seed) => partitioned(seed + 1));
  expect(Math.max(...runs.map(({ owners }) => owners))).toBe(1);
  expect(runs.reduce((sum, { failovers }) => sum + failovers, 0)).toBeGreaterThan(1_000);
});

test("a lease of another is free after a whole term without a change, by one's own clock", () => {
  const view = new LeaseView("a");
  view.observe({ holder: "b", version: "1" }, 1_000);
  expect(view.holder(1_000 + LEASE_MS - 1)).toBe("other");
  view.observe({ holder: "b", version: "2" }, 1_000 + LEASE_MS - 1);
  expect(view.holder(1_000 + LEASE_MS)).toBe("other");
  expect(view.holder(1_000 + 2 * LEASE_MS)).toBe("expired");
});
