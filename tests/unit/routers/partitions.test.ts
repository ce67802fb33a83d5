import { expect, test } from "vitest";
import { Region, TICK_MS } from "./region.ts";
import { pass, Router } from "./simulation.ts";

/** A minute of random cuts, then forty seconds in peace. */
function partitioned(seed: number) {
  const region = new Region(seed);
  const routers = [new Router(0, region), new Router(1, region)] as const;
  let together = 0;
  for (; region.now < 100_000; region.now += TICK_MS) {
    if (region.now % 500 === 0) shake(region);
    pass(region, routers);
    together += Number(routers[0].holds("home") && routers[1].holds("peer"));
    together += Number(routers[1].holds("home") && routers[0].holds("peer"));
    together += routers.filter((each) => each.serves.peer && !each.holds("peer")).length;
  }
  const isHome = region.routes.every((owner, zone) => owner === zone);
  const isCalm = routers.every(({ serves }) => serves.home && !serves.peer);
  return { together, moves: region.moves, isHealed: isHome && isCalm };
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

/** Minutes in which targets die and come back, for moments or for seconds, while both routers are well. */
function withDeadTargets(seed: number): number {
  const region = new Region(seed);
  const routers = [new Router(0, region), new Router(1, region)] as const;
  let moved = 0;
  for (; region.now < 120_000; region.now += TICK_MS) {
    if (region.random() < 0.03) region.cuts.targets = !region.cuts.targets;
    pass(region, routers);
    moved += routers.filter(({ serves }) => serves.peer || !serves.home).length;
  }
  return moved + region.moves;
}

test("in 500 runs of dead targets that come back for one router before the other no zone ever moves", () => {
  const runs = Array.from({ length: 500 }, (_, seed) => ({ seed, moved: withDeadTargets(seed + 1) }));
  expect(runs.filter(({ moved }) => moved > 0).map(({ seed }) => seed)).toEqual([]);
});
