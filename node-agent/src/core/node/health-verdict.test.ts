import { expect, test } from "vitest";
import type { Container, ContainerHealth } from "./containers.ts";
import { healthOf, type Observation } from "./health-verdict.ts";

const container = (service: string, health: ContainerHealth): Container => ({
  id: service,
  name: `greenleaf-${service}-1`,
  service,
  health,
  status: "",
  image: "",
  dependsOn: [],
});

const healthy = [container("caddy", "healthy"), container("backend", "unchecked")];
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
  ["backend is missing", { containers: [container("caddy", "healthy")] }],
  ["backend is unhealthy", { containers: [container("caddy", "healthy"), container("backend", "unhealthy")] }],
  [
    "backend is stopped; caddy is starting",
    { containers: [container("caddy", "starting"), container("backend", "stopped")] },
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
  expect(reason({ containers: [...healthy, container("backend", "starting")] })).toBe("ok");
});

test("a router has no stack: its last boot speaks for it", () => {
  const router = { role: "router" as const, expected: [], containers: [] };
  expect([reason({ ...router, verdict: "ready" }), reason({ ...router, verdict: "failed" })]).toEqual([
    "ok",
    "the last boot says failed",
  ]);
});
