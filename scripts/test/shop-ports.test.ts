import { expect, test } from "vitest";
import { claimPorts } from "./shop-ports.ts";

test("two worlds at the same time have ports of their own, and give them back", async () => {
  const [one, two] = [await claimPorts(), await claimPorts()];
  expect(Math.abs(Number(one.http) - Number(two.http))).toBeGreaterThanOrEqual(6);
  one.release();
  const third = await claimPorts();
  expect(third.http).toBe(one.http);
  for (const { release } of [two, third]) release();
});
