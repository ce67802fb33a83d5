import { expect, test } from "vitest";
import type { Container } from "../stack/containers.ts";
import { ailingServices, isCrashLoop, nextTryMs, reasonToWait, type Tries, triedAgain } from "./repair.ts";

const container = (service: string, state: string): Container => ({
  id: service,
  name: service,
  service,
  health: "unchecked",
  state,
  isOptional: false,
  status: "",
  image: "",
  dependsOn: [],
});

test.each(["exited", "dead", "created", "paused"])("a service whose only container is %s needs a repair", (state) => {
  expect(ailingServices(["backend"], [container("backend", state)])).toEqual(["backend"]);
});

test("a service without any container needs a repair", () => {
  expect(ailingServices(["backend", "caddy"], [container("caddy", "running")])).toEqual(["backend"]);
});

test.each(["running", "restarting", "removing"])("a service with a container that is %s is left to itself", (state) => {
  expect(ailingServices(["backend"], [container("backend", state)])).toEqual([]);
});

test("one container that runs is enough: the other is of a rollout", () => {
  expect(ailingServices(["web"], [container("web", "exited"), container("web", "running")])).toEqual([]);
});

const ready = { status: { verdict: "ready", release: "one" }, draining: undefined, maintenance: undefined } as const;

test("a node that is ready, degraded or failed is repaired", () => {
  for (const verdict of ["ready", "degraded", "failed"] as const) {
    expect(reasonToWait({ ...ready, status: { verdict, release: "one" } })).toBeUndefined();
  }
});

test.each([
  ["the node is draining", { ...ready, draining: "Spot notice" }],
  ["maintenance: new disk", { ...ready, maintenance: "new disk\n" }],
  ["maintenance: no reason was given", { ...ready, maintenance: "" }],
  ["a boot is under way", { ...ready, status: { verdict: "booting", release: "one" } as const }],
  ["the node was drained", { ...ready, status: { verdict: "draining", release: "one" } as const }],
  ["no release ran here yet", { ...ready, status: undefined }],
  ["no release ran here yet", { ...ready, status: { verdict: "failed" } as const }],
])("nothing is repaired: %s", (why, circumstances) => {
  expect(reasonToWait(circumstances)).toBe(why);
});

test("a service is tried at once, then after pauses that double up to a minute, and anew after five quiet minutes", () => {
  let tries: Tries | undefined;
  let now = 0;
  const pauses: number[] = [];
  expect(nextTryMs(tries)).toBeLessThan(now);
  for (let round = 0; round < 9; round += 1) {
    tries = triedAgain(tries, now);
    pauses.push(nextTryMs(tries) - now);
    now = nextTryMs(tries);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
  expect(triedAgain(tries, now + 301_000)).toEqual({ count: 1, lastMs: now + 301_000 });
});

test("five ends within ten minutes are a crash loop, until none came for two minutes", () => {
  const ends = [0, 60_000, 120_000, 180_000, 240_000];
  expect(isCrashLoop(ends.slice(0, 4), 240_000)).toBe(false);
  expect(isCrashLoop(ends, 240_000)).toBe(true);
  expect(isCrashLoop(ends, 359_999)).toBe(true);
  expect(isCrashLoop(ends, 360_000)).toBe(false);
  expect(isCrashLoop([0, 200_000, 400_000, 600_000, 800_000], 800_000)).toBe(false);
});
