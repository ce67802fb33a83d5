import { expect, test } from "vitest";
import { serverTime } from "./server-time.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const clock = { date: () => new Date(NOW) } as Parameters<typeof serverTime>[0];
const saying = (offsetMs: number) => ({ date: new Date(NOW + offsetMs).toUTCString() });

test("a clock that is off is corrected once, by what the server says", () => {
  const time = serverTime(clock);
  expect(time.now()).toEqual(new Date(NOW));
  expect(time.learn(saying(-3_600_000))).toBe(true);
  expect(time.now()).toEqual(new Date(NOW - 3_600_000));
  expect(time.learn(saying(-3_600_000))).toBe(false);
  expect(time.learn(saying(0))).toBe(true);
  expect(time.now()).toEqual(new Date(NOW));
});

test.each([[saying(240_000)], [saying(-240_000)], [{}], [{ date: "soon" }]])(
  "%j is no reason to sign with another time",
  (headers) => {
    const time = serverTime(clock);
    expect(time.learn(headers)).toBe(false);
    expect(time.now()).toEqual(new Date(NOW));
  },
);
test("from a second over four minutes on it is", () => {
  expect(serverTime(clock).learn(saying(241_000))).toBe(true);
});
