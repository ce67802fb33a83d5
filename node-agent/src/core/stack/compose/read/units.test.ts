import { expect, test } from "vitest";
import { durationNanoseconds } from "./units.ts";

test.each([
  ["1m30s", 90e9],
  ["1h0m0s", 3600e9],
  ["1.5s", 1.5e9],
  ["250ms", 250e6],
  ["1µs", 1e3],
  ["0s", 0],
  ["0", 0],
  ["10", undefined],
  ["5 s", undefined],
  ["-1s", undefined],
  ["s", undefined],
])("the duration %s", (text, expected) => {
  expect(durationNanoseconds(text)).toBe(expected);
});
