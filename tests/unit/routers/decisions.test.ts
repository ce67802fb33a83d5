import { expect, test } from "vitest";
import {
  CLAIM_AFTER_MS,
  decide,
  FAILED_ROUNDS,
  type FailoverView,
  type Heartbeat,
  HOLD_MS,
  isInDoubt,
  isWorried,
  LEASE_MS,
  RENEW_MS,
  SILENT_MS,
  stableAfter,
} from "../../../node-agent/src/core/router/failover/decision.ts";

const well: Heartbeat = {
  router: "b",
  isProven: true,
  isDoubtful: false,
  provenForMs: 60_000,
  serves: { home: true, peer: false },
  isDraining: false,
  isGiving: false,
};
const calm: FailoverView = {
  serves: { home: true, peer: false },
  isProven: true,
  isLost: false,
  msSinceSuccess: 50,
  failedThroughPeer: 0,
  msSinceFailure: 200,
  msSinceHeartbeat: 100,
  heartbeat: well,
  isDraining: false,
  hasKey: true,
  isRoutedAway: false,
  leases: { home: "nobody", peer: "nobody" },
  leftMs: { home: undefined, peer: undefined },
  stableMs: 30_000,
  goesFirst: true,
};
const decision = (over: Partial<FailoverView>) => decide({ ...calm, ...over });
const step = (over: Partial<FailoverView>) => decision(over).kind;
const heartbeat = (over: Partial<Heartbeat>): Heartbeat => ({ ...well, ...over });
const holding = {
  serves: { home: true, peer: true },
  leases: { home: "nobody", peer: "me" },
  leftMs: { home: undefined, peer: 1 },
} as const;

test("a holder stops two seconds before the term ends, and renews at least twice before it must stop", () => {
  expect(LEASE_MS).toBe(10_000);
  expect(HOLD_MS).toBe(8_000);
  expect(RENEW_MS).toBe(3_000);
  expect([SILENT_MS, CLAIM_AFTER_MS, FAILED_ROUNDS]).toEqual([750, 350, 2]);
});

test("waiting doubles with every failover of the hour, up to ten minutes", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 60].map((failovers) => stableAfter(failovers) / 1_000)).toEqual([
    30, 30, 60, 120, 240, 480, 600, 600,
  ]);
  expect(stableAfter(3, 100)).toBe(400);
});

test("the other's zone is dropped when the lease on it is over, and when there is none", () => {
  const why = "the lease was not renewed in time";
  expect(step({ ...holding, heartbeat: heartbeat({ provenForMs: 0 }) })).toBe("rest");
  expect(decision({ ...holding, leftMs: { home: undefined, peer: 0 } })).toEqual({ kind: "drop-peer", why });
  expect(decision({ ...holding, leftMs: { home: undefined, peer: undefined } })).toEqual({ kind: "drop-peer", why });
});

test("a zone that the other brings back is accepted while it is heard, and only where it is not served here", () => {
  const given = { serves: { home: false, peer: false }, heartbeat: heartbeat({ isGiving: true }) } as const;
  expect(decision(given)).toEqual({ kind: "accept-home", why: "the other router brings this zone back" });
  expect(step({ ...given, msSinceHeartbeat: SILENT_MS })).not.toBe("accept-home");
  expect(step({ ...given, heartbeat: well })).not.toBe("accept-home");
  // Being given back it is the other's no more, whatever the store says.
  expect(
    step({
      heartbeat: heartbeat({ isGiving: true, serves: { home: true, peer: true } }),
      leases: { home: "other", peer: "nobody" },
    }),
  ).toBe("rest");
});

test("a zone whose lease the other holds is yielded, unless the other itself says that it does not serve it", () => {
  const others = { leases: { home: "other", peer: "nobody" } } as const;
  const serving = heartbeat({ serves: { home: true, peer: true } });
  expect(decision({ ...others, heartbeat: serving })).toEqual({
    kind: "yield-home",
    why: "the other router holds this zone",
  });
  expect(step(others)).toBe("rest");
  expect(step({ ...others, msSinceHeartbeat: SILENT_MS })).toBe("yield-home");
  expect(step({ ...others, heartbeat: undefined, msSinceHeartbeat: undefined })).toBe("yield-home");
  expect(step({ ...others, heartbeat: serving, serves: { home: false, peer: false } })).toBe("rest");
});

test("a zone is claimed while the other is silent, by a router that is proven, serves it and may", () => {
  const alone = { msSinceHeartbeat: 500 } as const;
  expect(decision(alone)).toEqual({ kind: "claim-home", why: "the other router is silent for 0.5 s" });
  expect(step({ msSinceHeartbeat: CLAIM_AFTER_MS - 1 })).toBe("rest");
  expect(step({ msSinceHeartbeat: CLAIM_AFTER_MS })).toBe("claim-home");
  expect(step({ ...alone, msSinceSuccess: 349 })).toBe("claim-home");
  expect(step({ ...alone, msSinceSuccess: 350 })).toBe("rest");
  expect(step({ ...alone, isProven: false })).toBe("rest");
  expect(step({ ...alone, isDraining: true })).toBe("rest");
  expect(step({ ...alone, leases: { home: "other", peer: "nobody" } })).toBe("rest");
  expect(decision({ msSinceHeartbeat: undefined, heartbeat: undefined, failedThroughPeer: 0 })).toEqual({
    kind: "claim-home",
    why: "the other router is silent for ever",
  });
});

test("a claim is given up when the other is heard again, or when the own path is broken", () => {
  const claimed = { leases: { home: "me", peer: "nobody" }, leftMs: { home: 1, peer: undefined } } as const;
  expect(decision(claimed)).toEqual({ kind: "release-home", why: "the other router is heard again" });
  expect(step({ ...claimed, msSinceHeartbeat: CLAIM_AFTER_MS })).toBe("rest");
  expect(decision({ ...claimed, isLost: true })).toEqual({ kind: "release-home", why: "its own probes fail" });
  expect(step({ ...claimed, isLost: true, serves: { home: false, peer: false } })).toBe("rest");
});

test("a zone that is not served here, or whose route leads away, is taken back when nobody holds it", () => {
  const lost = { serves: { home: false, peer: false } } as const;
  for (const away of [lost, { isRoutedAway: true }]) {
    for (const home of ["nobody", "expired", "me"] as const) {
      expect(decision({ ...away, leases: { home, peer: "nobody" } })).toEqual({
        kind: "take-home",
        why: "nobody holds this zone",
      });
    }
    for (const home of ["other", "unknown"] as const) {
      expect(step({ ...away, leases: { home, peer: "nobody" } })).not.toBe("take-home");
      expect(step({ ...away, msSinceHeartbeat: 5_000, leases: { home, peer: "nobody" } })).not.toBe("take-home");
    }
    expect(step({ ...away, heartbeat: heartbeat({ serves: { home: true, peer: true } }) })).not.toBe("take-home");
    expect(step({ ...away, msSinceHeartbeat: 5_000 })).toBe("take-home");
    expect(step({ ...away, isDraining: true })).not.toBe("take-home");
  }
});

test("the other's zone is taken only by a router that serves its own, stays, and may", () => {
  const broken = { failedThroughPeer: FAILED_ROUNDS, heartbeat: heartbeat({ isProven: false }) } as const;
  expect(decision(broken)).toEqual({
    kind: "take-peer",
    why: "it says that its own probes fail, and 2 rounds of probes through it failed",
  });
  expect(step({ ...broken, failedThroughPeer: 1 })).toBe("rest");
  expect(step({ ...broken, msSinceSuccess: 199 })).toBe("take-peer");
  expect(step({ ...broken, msSinceSuccess: 200 })).toBe("rest");
  expect(step({ ...broken, isProven: false })).toBe("rest");
  expect(step({ ...broken, isDraining: true })).toBe("rest");
  expect(step({ ...broken, leases: { home: "nobody", peer: "other" } })).toBe("rest");
  expect(step({ ...broken, serves: { home: false, peer: false }, leases: { home: "other", peer: "nobody" } })).toBe(
    "rest",
  );
});

test("a silent router's zone is taken when probes through it fail as well and the own path is proven since", () => {
  const dead = {
    msSinceHeartbeat: SILENT_MS,
    failedThroughPeer: 2,
    leases: { home: "me", peer: "nobody" },
    leftMs: { home: 5_000, peer: undefined },
  } as const;
  expect(decision(dead)).toEqual({
    kind: "take-peer",
    why: "no heartbeat for 0.8 s and 2 rounds of probes through it failed",
  });
  expect(step({ ...dead, msSinceHeartbeat: SILENT_MS - 1 })).toBe("rest");
  expect(step({ ...dead, msSinceSuccess: 600, msSinceFailure: 700 })).toBe("rest");
  expect(step({ ...dead, msSinceHeartbeat: undefined })).toBe("take-peer");
});

test("a router that asks to be relieved is, while it serves its zone and is heard", () => {
  expect(decision({ heartbeat: heartbeat({ isDraining: true }) })).toEqual({
    kind: "take-peer",
    why: "it asks to be relieved",
  });
  expect(step({ heartbeat: heartbeat({ isDraining: true, serves: { home: false, peer: false } }) })).toBe("rest");
  expect(step({ heartbeat: heartbeat({ isDraining: true }), msSinceHeartbeat: SILENT_MS })).not.toBe("take-peer");
});

test("a zone is given back to a router that is heard, proven for long enough and stays", () => {
  expect(decision({ ...holding, heartbeat: heartbeat({ provenForMs: 30_000 }) })).toEqual({
    kind: "give-back",
    why: "the other router is proven again",
  });
  expect(step({ ...holding, heartbeat: heartbeat({ provenForMs: 29_999 }) })).toBe("rest");
  expect(step({ ...holding, heartbeat: heartbeat({ isProven: false }) })).toBe("rest");
  expect(step({ ...holding, heartbeat: heartbeat({ isDraining: true }) })).toBe("rest");
  expect(step({ ...holding, msSinceHeartbeat: SILENT_MS, leftMs: { home: 1, peer: 1 } })).toBe("rest");
  expect(step({ ...holding, heartbeat: undefined })).toBe("rest");
  // Only where both serve each other's must one wait for the other.
  expect(step({ ...holding, goesFirst: false })).toBe("give-back");
});

test("the store is asked while anything is in doubt", () => {
  expect(isInDoubt(calm)).toBe(false);
  expect(isInDoubt({ ...calm, msSinceHeartbeat: CLAIM_AFTER_MS })).toBe(true);
  expect(isInDoubt({ ...calm, msSinceHeartbeat: CLAIM_AFTER_MS - 1 })).toBe(false);
  expect(isInDoubt({ ...calm, serves: { home: false, peer: false } })).toBe(true);
  expect(isInDoubt({ ...calm, heartbeat: heartbeat({ serves: { home: true, peer: true } }) })).toBe(true);
  expect(isInDoubt({ ...calm, heartbeat: undefined })).toBe(true);
  expect(isInDoubt({ ...calm, leases: { home: "other", peer: "nobody" } })).toBe(true);
  expect(isInDoubt({ ...calm, leases: { home: "nobody", peer: "other" } })).toBe(true);
});

test("the other is worried about from its first lost round on, for ten rounds", () => {
  expect(isWorried(well, 0)).toBe(false);
  expect(isWorried(heartbeat({ isDoubtful: true }), 0)).toBe(true);
  expect(isWorried(heartbeat({ isProven: false }), 0)).toBe(true);
  expect(isWorried(undefined, 9)).toBe(true);
  expect(isWorried(undefined, 10)).toBe(false);
});
