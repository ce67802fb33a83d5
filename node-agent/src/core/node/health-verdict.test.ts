import { expect, test } from "vitest";
import { runningContainer } from "../../../../tests/support/containers.ts";
import { healthOf, type Observation } from "./health-verdict.ts";

const healthy = [runningContainer("caddy", "healthy"), runningContainer("backend", "unchecked")];
const seen = (changes: Partial<Observation> = {}): Observation => ({
  role: "app",
  expected: ["backend", "caddy"],
  containers: healthy,
  ageMs: 900,
  ...changes,
});
const reason = (changes: Partial<Observation>) => {
  const health = healthOf(seen(changes));
  return health.status === "ok" ? "ok" : health.reason;
};

test("a stack whose services are all healthy is routed", () => {
  expect(healthOf(seen())).toEqual({ status: "ok" });
});

test.each<[string, Partial<Observation>]>([
  ["backend is missing", { containers: [runningContainer("caddy", "healthy")] }],
  [
    "backend is unhealthy",
    { containers: [runningContainer("caddy", "healthy"), runningContainer("backend", "unhealthy")] },
  ],
  [
    "backend is stopped; caddy is starting",
    { containers: [runningContainer("caddy", "starting"), runningContainer("backend", "stopped")] },
  ],
  ["draining: Spot notice", { draining: "Spot notice" }],
  ["the engine has not answered for 9 s: refused", { ageMs: 9_100, engineError: "refused" }],
  ["no stack is running", { expected: [], containers: [] }],
  ["the node is booting", { expected: [], containers: [], verdict: "booting" }],
  ["nothing is routed: the stack has no service caddy", { expected: ["backend"] }],
])("%s", (expected, changes) => {
  expect(reason(changes)).toBe(expected);
});

test("an engine that never answered is told as such", () => {
  expect(healthOf({ role: "app", expected: ["caddy"], containers: healthy, engineError: "no socket" })).toEqual({
    status: "unhealthy",
    reason: "the engine has not answered yet: no socket",
  });
});

test("while a service is rolled over, its healthy container serves", () => {
  expect(reason({ containers: [...healthy, runningContainer("backend", "starting")] })).toBe("ok");
});

test("a node without a service that customers do without says so and stays in traffic, also when it ends again and again", () => {
  const withWorker = { expected: ["backend", "caddy", "worker"], optional: ["worker"] };
  const down: Observation = seen({ ...withWorker, containers: [...healthy, runningContainer("worker", "stopped")] });
  expect(healthOf(down)).toEqual({ status: "degraded", reason: "worker is stopped" });
  const looping = [...healthy, runningContainer("worker", "healthy")];
  expect(healthOf(seen({ ...withWorker, containers: looping, crashLoops: ["worker"] }))).toEqual({
    status: "degraded",
    reason: "worker ends again and again",
  });
  expect(healthOf(seen({ ...withWorker, containers: looping }))).toEqual({ status: "ok" });
});

test("a router has no stack: its last boot speaks for it", () => {
  const router = { role: "router" as const, expected: [], containers: [] };
  expect([reason({ ...router, verdict: "ready" }), reason({ ...router, verdict: "failed" })]).toEqual([
    "ok",
    "the last boot says failed",
  ]);
});

test("a loop of the agent that hangs makes the node unhealthy, a router too", () => {
  const stalled = ["the look at the rules has hung for 61 s"];
  const health = healthOf({ role: "router", expected: [], containers: [], verdict: "ready", stalled });
  expect(health).toEqual({ status: "unhealthy", reason: "the look at the rules has hung for 61 s" });
});
