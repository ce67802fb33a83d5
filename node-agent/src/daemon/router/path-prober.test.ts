import { expect, test } from "vitest";
import type { World } from "../../world.ts";
import { PathProber } from "./path-prober.ts";

/** A path whose single target answers when it is told to, by a clock that is set by hand. */
function watched(witness?: () => number) {
  let now = 0;
  const waiting: Array<(error?: string) => void> = [];
  const world = {
    clock: { now: () => now },
    probe: (target: string) =>
      new Promise((resolve) =>
        waiting.push((error) => resolve({ target, ms: 1, ...(error === undefined ? {} : { error }) })),
      ),
  } as unknown as World;
  const path = new PathProber(world, "source", () => ["target"], witness);
  const begin = (at: number) => {
    now = at;
    return { round: path.round(200), answer: waiting.splice(0)[0] ?? (() => undefined) };
  };
  const whole = async (at: number, error?: string) => {
    const { round, answer } = begin(at);
    answer(error);
    await round;
  };
  return { path, begin, whole };
}

test("two failed rounds end the proof, one does not, and a good one restores it", async () => {
  const { path, whole } = watched();
  await whole(100);
  await whole(200, "lost");
  expect([path.isProven, path.failedRounds]).toEqual([true, 1]);
  await whole(300, "lost");
  expect([path.isProven, path.failedRounds]).toEqual([false, 2]);
  await whole(400);
  expect([path.isProven, path.failedRounds, path.msSinceSuccess]).toEqual([true, 0, 0]);
});

test("of rounds that overlap one that began before the last good one says nothing", async () => {
  const { path, begin, whole } = watched();
  const early = begin(100);
  await whole(200);
  early.answer("lost");
  await early.round;
  expect([path.isProven, path.failedRounds]).toEqual([true, 0]);
});

test("what was forgotten stays so: rounds under way are not counted", async () => {
  const { path, begin, whole } = watched();
  await whole(50, "lost");
  const early = begin(100);
  await whole(150, "lost");
  path.forget();
  early.answer("lost");
  await early.round;
  expect(path.failedRounds).toBe(0);
});

test("a failure that was fixed is excused, but not for ever", async () => {
  const { path, whole } = watched();
  await whole(0);
  for (let at = 100; at <= 300; at += 100) {
    await whole(at, "a rule was gone");
    expect(path.isLastChance).toBe(true);
    path.excuse();
  }
  await whole(400, "a rule was gone");
  expect([path.isProven, path.isLastChance]).toEqual([true, true]);
  path.excuse();
  await whole(500, "a rule was gone");
  expect(path.isProven).toBe(false);
});

test("rounds between which the targets were seen alive by no other way count as one", async () => {
  let seenAlive = 0;
  const { path, whole } = watched(() => seenAlive);
  await whole(100, "lost");
  await whole(200, "lost");
  expect(path.failedRounds).toBe(1);
  seenAlive = 250;
  await whole(300, "lost");
  expect(path.failedRounds).toBe(2);
});

test("after ten lost rounds there is no doubt any more, and nobody's targets are asked as often as in doubt", async () => {
  const { path, whole } = watched();
  await whole(0);
  expect(path.isInDoubt).toBe(false);
  for (let at = 100; at < 1_000; at += 100) await whole(at, "lost");
  expect([path.failedRounds, path.isInDoubt]).toEqual([9, true]);
  await whole(1_000, "lost");
  expect([path.isProven, path.isInDoubt]).toEqual([false, false]);
});
