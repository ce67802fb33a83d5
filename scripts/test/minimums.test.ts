import { expect, test } from "vitest";
import { withMinimum } from "./minimums.ts";

const counts = { passed: 3, failed: [], skipped: ["needs root"] };

test("a group has its minimum with what was skipped", () => {
  expect(withMinimum("nat", counts, { nat: 4 })).toEqual(counts);
});

test("a group that lost a test has failed", () => {
  expect(withMinimum("nat", counts, { nat: 5 }).failed).toEqual([
    "nat: 4 tests, and it has at least 5 (scripts/test/minimums.json)",
  ]);
});

test("a group nobody counted has failed", () => {
  expect(withMinimum("nat", counts, { unit: 4 }).failed).toEqual([
    "nat: scripts/test/minimums.json does not say how many tests it has",
  ]);
});
