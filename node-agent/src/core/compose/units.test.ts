import { expect, test } from "vitest";
import { numberText } from "./number-text.ts";
import { durationNanoseconds, sizeBytes } from "./units.ts";

test.each([
  ["90s", 90e9],
  ["1m30s", 90e9],
  ["1.5h", 5400e9],
  ["250ms", 250e6],
  ["0", 0],
  ["10", undefined],
  ["5 s", undefined],
  ["-1s", undefined],
  ["s", undefined],
])("the duration %s", (text, expected) => {
  expect(durationNanoseconds(text)).toBe(expected);
});

test.each([
  ["512m", 512 * 1024 ** 2],
  ["1.5GiB", 1.5 * 1024 ** 3],
  ["64 kb", 65_536],
  ["10b", 10],
  ["10", 10],
  ["12q", undefined],
  ["-1m", undefined],
])("the size %s", (text, expected) => {
  expect(sizeBytes(text)).toBe(expected);
});

test.each([
  [1.5, "1.5"],
  [0.00001, "1e-05"],
  [1e21, "1e+21"],
  [-7, "-7"],
  [0.0001, "0.0001"],
])("%d is spelled as Go spells it", (value, expected) => {
  expect(numberText(value)).toBe(expected);
});
