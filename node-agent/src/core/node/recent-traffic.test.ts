import { expect, test } from "vitest";
import { RecentTraffic, SLICE_MS } from "./recent-traffic.ts";

const START = Date.parse("2026-05-02T10:00:00Z");

test("answers are counted by ten seconds, with the release that gave the last of them", () => {
  const traffic = new RecentTraffic(START + 1);
  traffic.add(START + 2, false, undefined);
  traffic.add(START + 9_999, true, "one");
  traffic.add(START + 2 * SLICE_MS, false, "two");
  expect(traffic.slices(START + 2 * SLICE_MS + 5)).toEqual([
    { at: START, requests: 2, errors: 1, release: "one" },
    { at: START + SLICE_MS, requests: 0, errors: 0 },
    { at: START + 2 * SLICE_MS, requests: 1, errors: 0, release: "two" },
  ]);
});

test("a quarter of an hour is kept, whatever comes", () => {
  const traffic = new RecentTraffic(START);
  for (let slice = 0; slice < 1_000; slice += 1) traffic.add(START + slice * SLICE_MS, false, "one");
  const slices = traffic.slices(START + 999 * SLICE_MS);
  expect(slices).toHaveLength(90);
  expect(slices.every(({ requests }) => requests === 1)).toBe(true);
  const later = traffic.slices(START + 5_000 * SLICE_MS);
  expect([later.length, later.some(({ requests }) => requests > 0)]).toEqual([90, false]);
});

test("a clock that is set back gives no slices of a time to come", () => {
  const traffic = new RecentTraffic(START);
  expect(traffic.slices(START - SLICE_MS)).toEqual([]);
});
