import { beforeEach, expect, test } from "vitest";
import { Watchdog } from "./watchdog.ts";

let now: number;
let fed: number;
let watchdog: Watchdog;

beforeEach(() => {
  now = 0;
  fed = 0;
  const clock = {
    now: () => now,
    date: () => new Date(now),
    sleep: async () => undefined,
    alarm: () => () => undefined,
  };
  watchdog = new Watchdog({ clock, notify: async () => void (fed += 1) });
});

test("systemd is told by a loop that turns, and not at every turn", () => {
  const turned = watchdog.part("the look", 30_000);
  for (now = 0; now < 60_000; now += 1_000) turned();
  expect(fed).toBe(4);
});

test("one loop that hangs keeps the others from telling that all is well, until it turns again", () => {
  const look = watchdog.part("the look", 30_000);
  const rules = watchdog.part("the rules", 30_000);
  rules();
  for (now = 1_000; now <= 200_000; now += 1_000) look();
  expect(watchdog.stalled()).toEqual(["the rules has hung for 201 s"]);
  const before = fed;
  look();
  expect(fed).toBe(before);
  expect(before).toBeLessThan(4);
  rules();
  expect([watchdog.stalled(), fed]).toEqual([[], before + 1]);
});

test("nobody is told by a clock alone", () => {
  watchdog.part("the look", 30_000);
  now = 1_000_000;
  expect(fed).toBe(0);
});

test("a notification that fails ends nothing, and the next is sent", async () => {
  let tries = 0;
  const clock = {
    now: () => now,
    date: () => new Date(now),
    sleep: async () => undefined,
    alarm: () => () => undefined,
  };
  const failing = new Watchdog({ clock, notify: () => Promise.reject(new Error(String((tries += 1)))) });
  const turned = failing.part("the look", 30_000);
  turned();
  now = 20_000;
  turned();
  await Promise.resolve();
  expect(tries).toBe(2);
});
