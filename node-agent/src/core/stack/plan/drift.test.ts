import { expect, test } from "vitest";
import type { ContainerSpec } from "../compose/container-body.ts";
import type { Limits } from "../engine.ts";
import type { ObservedContainer } from "../observed.ts";
import { driftOf } from "./drift.ts";

const spec = (HostConfig: object) => ({ body: { HostConfig } }) as unknown as ContainerSpec;
const MADE = { Memory: 1_000, PidsLimit: 64, RestartPolicy: { Name: "always", MaximumRetryCount: 0 } };
const AS_MADE: Limits = { memory: 1_000, swap: 2_000, nanoCpus: 0, pids: 64, restart: "always" };
const held = (limits: Partial<Limits>) => ({ limits: { ...AS_MADE, ...limits } }) as unknown as ObservedContainer;

test("a container as it was made has not drifted, nor has one whose engine cannot keep a limit", () => {
  expect(driftOf(held({}), spec(MADE))).toBeUndefined();
  expect(driftOf(held({ swap: -1 }), spec(MADE))).toBeUndefined();
  expect(driftOf(held({ memory: 0, pids: 0 }), spec(MADE))).toBeUndefined();
  expect(driftOf({} as unknown as ObservedContainer, spec(MADE))).toBeUndefined();
});

test.each<[string, Partial<Limits>]>([
  ["its memory is 12582912, not 1000", { memory: 12_582_912 }],
  ["its number of processes is 9, not 64", { pids: 9 }],
  ["its restart policy is no, not always", { restart: "no" }],
  ["its memory is 5, not 1000; its restart policy is on-failure:3, not always", { memory: 5, restart: "on-failure:3" }],
])("%s: all of it is set again while the container runs", (why, limits) => {
  expect(driftOf(held(limits), spec(MADE))).toEqual({ why, limits: AS_MADE });
});

test("a limit where there was none cannot be taken away: the container is made anew", () => {
  const drift = driftOf(held({ nanoCpus: 500_000_000 }), spec(MADE));
  expect(drift).toEqual({ why: "its share of processors is 500000000, not 0", limits: undefined });
});

test("swap that the file names is kept", () => {
  const limits = driftOf(held({ memory: 5 }), spec({ ...MADE, MemorySwap: 1_500 }))?.limits;
  expect(limits?.swap).toBe(1_500);
});
