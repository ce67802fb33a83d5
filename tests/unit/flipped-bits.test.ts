import { expect, test } from "vitest";
import { flipBits } from "../support/flipped-bits.ts";

test("flipped bits are refused: of a release's document, of the agent's list, signature and archive; all by the benchmark", async () => {
  const { tried, accepted } = await flipBits(10_000, 5);
  expect(tried).toBeGreaterThanOrEqual(2_000);
  expect(accepted).toEqual([]);
}, 600_000);
