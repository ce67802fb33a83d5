import { expect, test } from "vitest";
import { drained } from "./drain.ts";

const LIMITS = { atLeastMs: 10_000, quietMs: 4_000, atMostMs: 30_000 };
const at = (elapsedMs: number, quietMs: number, inFlight: number | undefined) =>
  drained({ elapsedMs, quietMs, inFlight }, LIMITS);

test("the containers stop once nothing was under way for a while, but not before the load balancer noticed", () => {
  expect(at(9_999, 9_999, 0)).toBeUndefined();
  expect(at(10_000, 3_999, 0)).toBeUndefined();
  expect(at(12_000, 4_000, 0)).toBe("after 12 s, nothing under way");
});

test("requests under way are waited for up to the limit and counted then", () => {
  expect(at(29_999, 0, 2)).toBeUndefined();
  expect(at(30_000, 0, 2)).toBe("after 30 s with 2 requests under way");
});

test("not knowing is no silence", () => {
  expect(at(20_000, 20_000, undefined)).toBeUndefined();
  expect(at(30_000, 30_000, undefined)).toBe("after 30 s with an unknown number of requests under way");
});
