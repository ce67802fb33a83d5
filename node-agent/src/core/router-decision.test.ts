import { expect, test } from "vitest";
import { type Beat, decide, LEASE_MS, type PairView, type Step } from "./router-decision.ts";
import { type LeaseRecord, LeaseView, NOBODY } from "./router-lease.ts";

const calm: PairView = {
  serves: { home: true, peer: false },
  isProven: true,
  failedThroughPeer: 0,
  heardAgoMs: 100,
  beat: {
    router: "b",
    isProven: true,
    provenForMs: 60_000,
    serves: { home: true, peer: false },
    isDraining: false,
    isGiving: false,
  },
  isDraining: false,
  isRoutedAway: false,
  leases: { home: "nobody", peer: "nobody" },
  leftMs: { home: undefined, peer: undefined },
  stableMs: 30_000,
};
const step = (over: Partial<PairView>): Step => decide({ ...calm, ...over }).step;
const beat = (over: Partial<Beat>): Beat => ({ ...(calm.beat as Beat), ...over });

test("while all is well nothing moves", () => expect(step({})).toBe("rest"));

test("a silent router whose path still answers is left alone, except that the own zone is claimed", () => {
  expect(
    step({ heardAgoMs: 5_000, leases: { home: "me", peer: "nobody" }, leftMs: { home: 5_000, peer: undefined } }),
  ).toBe("rest");
  expect(step({ heardAgoMs: 500 })).toBe("claim-home");
});

test("silence and a dead path together move the zone, if the own path is proven and nobody claimed it", () => {
  const dead = {
    heardAgoMs: 1_000,
    failedThroughPeer: 2,
    leases: { home: "me", peer: "nobody" },
    leftMs: { home: 5_000, peer: undefined },
  } as const;
  expect(step(dead)).toBe("take-peer");
  expect(step({ ...dead, isProven: false })).toBe("rest");
  expect(step({ ...dead, leases: { home: "me", peer: "other" } })).toBe("rest");
  expect(step({ ...dead, leases: { home: "me", peer: "expired" } })).toBe("take-peer");
});

test("a router that is heard and sure of itself keeps its zone, whatever the tunnel says", () => {
  expect(step({ failedThroughPeer: 9 })).toBe("rest");
  expect(step({ failedThroughPeer: 2, beat: beat({ isProven: false }) })).toBe("take-peer");
});

test("a zone is given back after the other was proven for long enough, and dropped when the lease runs out", () => {
  const holding = {
    serves: { home: true, peer: true },
    leases: { home: "nobody", peer: "me" },
    leftMs: { home: undefined, peer: 4_000 },
  } as const;
  expect(step({ ...holding, beat: beat({ provenForMs: 29_000 }) })).toBe("rest");
  expect(step(holding)).toBe("give-back");
  expect(step({ ...holding, leftMs: { home: undefined, peer: 0 } })).toBe("drop-peer");
});

test("a router whose zone nobody serves takes it back even where it cannot prove itself without its address", () => {
  const lost = { serves: { home: false, peer: false }, isProven: false, heardAgoMs: 9_000 } as const;
  expect(step({ ...lost, leases: { home: "other", peer: "nobody" } })).toBe("rest");
  expect(step({ ...lost, leases: { home: "expired", peer: "nobody" } })).toBe("take-home");
});

/** Two leases in one store, two routers with clocks of their own, and a network between each of them and the store. */
function partitioned(seed: number): { owners: number; takeovers: number } {
  let random = seed;
  const next = () => (random = (random * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const store = new Map<string, LeaseRecord>();
  const skew = [next() * 1e6, next() * 1e6] as const;
  const views = [new LeaseView("a"), new LeaseView("b")];
  const serves = [false, false];
  let version = 0;
  let owners = 0;
  let takeovers = 0;
  const cut = [false, false];
  for (let now = 0; now < 60_000; now += 100) {
    for (const index of [0, 1] as const) {
      if (next() < 0.01) cut[index] = !cut[index];
      const view = views[index] as LeaseView;
      const own = now + skew[index];
      if (serves[index] && (view.leftMs(own) ?? 0) <= 0) serves[index] = false;
      if (cut[index] || next() < 0.5) continue;
      view.observe(store.get("z"), own);
      const holder = view.holder(own);
      if (holder === "other" || holder === "unknown") continue;
      if (holder === "me" && (view.leftMs(own) ?? 0) > 3_000) continue;
      const gives = holder === "me" && next() < 0.1;
      const record = { holder: gives ? NOBODY : ("ab"[index] ?? ""), version: `${(version += 1)}` };
      // The write arrives late: the term counts from before it was sent.
      const sentAt = own - Math.floor(next() * 2_000);
      if (store.get("z")?.version !== view.record?.version) continue;
      store.set("z", record);
      view.written(record, sentAt);
      if (!serves[index] && !gives) takeovers += 1;
      serves[index] = !gives && (view.leftMs(own) ?? 0) > 0;
    }
    owners = Math.max(owners, serves.filter(Boolean).length);
  }
  return { owners, takeovers };
}

test("in 500 random partitions with clocks of their own there are never two owners, and there is one often", () => {
  const runs = Array.from({ length: 500 }, (_, seed) => partitioned(seed + 1));
  expect(Math.max(...runs.map(({ owners }) => owners))).toBe(1);
  expect(runs.reduce((sum, { takeovers }) => sum + takeovers, 0)).toBeGreaterThan(1_000);
});

test("a lease of another is free after a whole term without a change, by one's own clock", () => {
  const view = new LeaseView("a");
  view.observe({ holder: "b", version: "1" }, 1_000);
  expect(view.holder(1_000 + LEASE_MS - 1)).toBe("other");
  view.observe({ holder: "b", version: "2" }, 1_000 + LEASE_MS - 1);
  expect(view.holder(1_000 + LEASE_MS)).toBe("other");
  expect(view.holder(1_000 + 2 * LEASE_MS)).toBe("expired");
});
