import { expect, test } from "vitest";
import { HOLD_MS } from "../../../node-agent/src/core/router/failover/decision.ts";
import { Region } from "./region.ts";
import { pass, Router, type RouterOptions } from "./router.ts";

/** So much earlier a holder stops than anybody else may begin: docs/router.md. */
const MARGIN_MS = 2_000;

function pairOf(seed: number, options: readonly [RouterOptions?, RouterOptions?] = []) {
  const region = new Region(seed);
  const routers = [new Router(0, region, options[0]), new Router(1, region, options[1])] as const;
  const run = async (ms: number, each: () => void = () => undefined) => {
    for (const end = region.now + ms; region.now < end; ) {
      await pass(region, routers);
      each();
    }
  };
  return { region, routers, run };
}

/** Router 1 reaches AWS alone, as one whose path is broken does, and router 0 has taken its zone. */
async function takenOver(options: readonly [RouterOptions?, RouterOptions?] = []) {
  const failover = pairOf(1, options);
  const { region, routers, run } = failover;
  await run(5_000);
  region.cuts.link = true;
  region.cuts.internet[1] = true;
  await run(5_000);
  expect([routers[0].serves, region.routes]).toEqual([{ home: true, peer: true }, [0, 0]]);
  return failover;
}

test("while all is well nothing is written, nothing moves, and both serve their own zones", async () => {
  const { region, routers, run } = pairOf(1);
  await run(60_000);
  expect([region.writes, region.moves]).toEqual([[], []]);
  expect(routers.map(({ serves }) => serves)).toEqual([
    { home: true, peer: false },
    { home: true, peer: false },
  ]);
});

test("a holder that renews serves the other's zone without a break", async () => {
  const { routers, run } = await takenOver();
  let breaks = 0;
  await run(60_000, () => (breaks += Number(!routers[0].serves.peer)));
  expect(breaks).toBe(0);
});

test("a holder that cannot renew stops at least the margin before the other begins", async () => {
  const { region, routers, run } = await takenOver();
  region.cuts.calls = [true, false];
  region.cuts.internet = [true, false];
  await run(30_000);
  const taken = region.writes.find(({ zone, holder }) => zone === 1 && holder === "r1");
  expect(routers[0].serves.peer).toBe(false);
  // Its rules take up to two steps and a tick to change.
  expect((taken?.at ?? 0) - (routers[0].stoppedAt ?? Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(MARGIN_MS - 300);
});

test("a holder whose clock is slow, or whose process stands still, has stopped before the other begins", async () => {
  for (const [slow, fast, stall] of [
    [0.9, 1.09, 0],
    [0.95, 1.05, 500],
    [1, 1, 1_700],
  ] as const) {
    const { region, routers, run } = await takenOver([{ rate: slow }, { rate: fast }]);
    region.cuts.calls = [true, false];
    region.cuts.internet = [true, false];
    const renewed = region.writes.findLast(({ holder }) => holder === "r0")?.at ?? 0;
    await run(renewed + HOLD_MS / slow - region.now - 100);
    region.stalledUntil[0] = region.now + stall;
    await run(30_000);
    const taken = region.writes.find(({ zone, holder }) => zone === 1 && holder === "r1");
    expect([slow, fast, stall, (routers[0].stoppedAt ?? Number.POSITIVE_INFINITY) < (taken?.at ?? 0)]).toEqual([
      slow,
      fast,
      stall,
      true,
    ]);
  }
});

test("a router without the key serves its own zone and takes no other, however dead", async () => {
  const { region, routers, run } = pairOf(1, [{ hasKey: false }]);
  await run(5_000);
  region.cuts.link = true;
  region.cuts.internet[1] = true;
  await run(30_000);
  expect(routers[0].serves).toEqual({ home: true, peer: false });
  expect(region.moves).toEqual([]);
});

test("a lease that runs out while its zone is being given back stops the forwarding at once", async () => {
  const { region, routers, run } = await takenOver([{ stableMs: 1_000 }, { stableMs: 1_000 }]);
  region.cuts.link = false;
  region.cuts.internet[1] = false;
  while (!routers[0].failover.heartbeat().isGiving) await run(50);
  // It never hears that the other router serves its zone again, and cannot renew.
  region.cuts.link = true;
  region.cuts.calls[0] = true;
  const renewed = region.writes.findLast(({ holder }) => holder === "r0")?.at ?? 0;
  await run(renewed + HOLD_MS + 300 - region.now);
  expect(routers[0].serves.peer).toBe(false);
});

test("a router that begins with the other's zone in its rules and without a lease lets it go at once", async () => {
  const { routers, run } = pairOf(1, [{ serves: { home: true, peer: true } }]);
  await run(300);
  expect(routers[0].serves).toEqual({ home: true, peer: false });
});

test("a zone that is given back comes home with its route and its address, and nobody holds a lease afterwards", async () => {
  const { region, routers, run } = await takenOver([{ stableMs: 1_000 }, { stableMs: 1_000 }]);
  region.cuts.link = false;
  region.cuts.calls = [false, false];
  region.cuts.internet = [false, false];
  await run(20_000);
  expect([region.routes, region.addresses]).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(routers.map(({ serves }) => serves)).toEqual([
    { home: true, peer: false },
    { home: true, peer: false },
  ]);
  expect([region.holder(0), region.holder(1)]).toEqual(["nobody", "nobody"]);
  expect([routers[0].failover.counts, routers[0].failover.owner("home")]).toEqual([
    { failovers: 1, failbacks: 1, failures: 0 },
    "this router",
  ]);
});

test("a router that comes and goes waits twice as long for its zone each time", async () => {
  const { region, routers, run } = pairOf(3);
  await run(5_000);
  const waits: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    region.cuts.internet[1] = true;
    await run(8_000);
    expect(routers[0].serves.peer).toBe(true);
    region.cuts.internet[1] = false;
    const began = region.now;
    while (routers[0].serves.peer && region.now - began < 900_000) await run(500);
    waits.push(region.now - began);
    await run(10_000);
  }
  const times = waits.slice(1).map((wait, index) => wait / (waits[index] ?? 1));
  expect(times.map(Math.round)).toEqual([2, 2, 2]);
  expect(Math.round((waits[0] ?? 0) / 30_000)).toBe(1);
});

test("a router asked to drain gives its zone to the other, and gets it back when it is asked no more", async () => {
  const { region, routers, run } = pairOf(1, [{ stableMs: 1_000 }, { stableMs: 1_000 }]);
  await run(5_000);
  routers[1].failover.isDraining = true;
  await run(5_000);
  expect([routers[0].serves, routers[1].serves, region.routes]).toEqual([
    { home: true, peer: true },
    { home: false, peer: false },
    [0, 0],
  ]);
  routers[1].failover.isDraining = false;
  await run(20_000);
  expect([routers[0].serves.peer, routers[1].serves.home, region.routes]).toEqual([false, true, [0, 1]]);
});

/** A minute of random cuts and stalls with clocks of different rates, then a minute in peace. */
async function partitioned(seed: number) {
  const random = new Region(seed).random;
  const rate = () => 0.96 + random() * 0.08;
  const options = { stableMs: 1_000 };
  const { region, routers, run } = pairOf(seed, [
    { ...options, rate: rate() },
    { ...options, rate: rate() },
  ]);
  let usurped = 0;
  let seen = 0;
  await run(120_000, () => {
    for (const { zone, holder, before } of region.writes.slice(seen)) {
      const holding = routers.find(({ index }) => `r${index}` === before);
      if (holder !== before && holding !== undefined && holding.index !== zone && holding.serves.peer) usurped += 1;
    }
    seen = region.writes.length;
    if (region.now % 500 === 0) shake(region);
  });
  const strangers = region.moves.filter(({ by, holder, to, zone }) => to !== zone && holder !== `r${by}`);
  const isHome = region.routes.every((owner, zone) => owner === zone);
  const isCalm = routers.every(({ serves }) => serves.home && !serves.peer);
  return { usurped, strangers: strangers.length, moves: region.moves.length, isHealed: isHome && isCalm };
}

function shake({ cuts, random, now, stalledUntil }: Region): void {
  const flips = (cut: boolean) => (now >= 60_000 ? false : random() < 0.08 ? !cut : cut);
  cuts.link = flips(cuts.link);
  for (const index of [0, 1] as const) {
    cuts.calls[index] = flips(cuts.calls[index]);
    cuts.internet[index] = flips(cuts.internet[index]);
    if (now < 60_000 && random() < 0.02) stalledUntil[index] = now + random() * 800;
  }
}

test("in 60 random partitions nobody takes a zone that is served, no route moves without its lease, and all heal", async () => {
  const runs = [];
  for (let seed = 1; seed <= 60; seed += 1) runs.push({ seed, ...(await partitioned(seed)) });
  expect(runs.filter(({ usurped }) => usurped > 0)).toEqual([]);
  expect(runs.filter(({ strangers }) => strangers > 0)).toEqual([]);
  expect(runs.reduce((sum, { moves }) => sum + moves, 0)).toBeGreaterThan(60);
  expect(runs.filter(({ isHealed }) => !isHealed)).toEqual([]);
}, 120_000);

test("in 40 runs of dead targets that come back for one router before the other no zone ever moves", async () => {
  const moved = [];
  for (let seed = 1; seed <= 40; seed += 1) {
    const { region, routers, run } = pairOf(seed, [{ stableMs: 1_000 }, { stableMs: 1_000 }]);
    await run(120_000, () => {
      if (region.random() < 0.03) region.cuts.targets = !region.cuts.targets;
      if (routers.some(({ serves }) => serves.peer || !serves.home)) moved.push(seed);
    });
    if (region.moves.length > 0) moved.push(seed);
  }
  expect(moved).toEqual([]);
}, 120_000);
