import { expect, test } from "vitest";
import { type Clock, done, notYet, until } from "./retry.ts";

function simulatedClock(): Clock & { slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    date: () => new Date(now),
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
  };
}

const wait = { what: "the engine", withinMs: 1000, everyMs: 100, fix: "start it" };

test("a wait ends with the first answer", async () => {
  const clock = simulatedClock();
  let probes = 0;
  const value = await until(clock, wait, async () => (++probes === 3 ? done("up") : notYet("no socket")));
  expect({ value, slept: clock.slept }).toEqual({ value: "up", slept: [100, 100] });
});

test("a wait past its deadline names the last answer and how often it asked", async () => {
  const waiting = until(simulatedClock(), { ...wait, growth: 2 }, async () => notYet("connection refused"));
  await expect(waiting).rejects.toMatchObject({
    message: "waiting for the engine took longer than 1 s",
    why: "last answer of 5: connection refused",
    exitCode: 75,
  });
});

test("a probe's own failure ends the wait at once", async () => {
  const clock = simulatedClock();
  await expect(until(clock, wait, () => Promise.reject(new Error("denied")))).rejects.toThrow("denied");
  expect(clock.slept).toEqual([]);
});
