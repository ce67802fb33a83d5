import { expect, test } from "vitest";
import { runningContainer } from "../../../../tests/support/containers.ts";
import { awayBy, countMisses, missingIn, readyzOf } from "./dependencies.ts";
import { healthOf } from "./health-verdict.ts";
import { metricsText } from "./metrics.ts";

test("the backend that is well is asked, one that is not where there is no other, and nobody without an address", () => {
  const old = runningContainer("backend", "healthy", "172.20.0.3");
  const other = runningContainer("backend", "starting", "172.20.0.4");
  expect(readyzOf([runningContainer("caddy", "healthy", "172.20.0.2"), other, old])).toBe(
    "http://172.20.0.3:9000/readyz",
  );
  expect(readyzOf([other])).toBe("http://172.20.0.4:9000/readyz");
  expect(readyzOf([runningContainer("backend", "stopped")])).toBeUndefined();
});

test("only what the backend says is missing is missing", () => {
  const answer = (checks: object) => JSON.stringify({ ready: false, checks });
  expect(missingIn(answer({ postgresql: "no answer", valkey: "ok" }))).toEqual(["database"]);
  expect(missingIn(answer({ postgresql: "no answer", valkey: "no answer" }))).toEqual(["database", "cache"]);
  expect(missingIn(answer({ postgresql: "ok", valkey: "ok", other: "no answer" }))).toEqual([]);
  for (const odd of ["", "<html>", "null", "{}", '{"checks":7}']) expect(missingIn(odd)).toEqual([]);
});

test("one lost answer is no absence, and one that comes ends it", () => {
  const once = countMisses({}, ["database"]);
  const twice = countMisses(once, ["database"]);
  expect([awayBy(once), awayBy(twice), awayBy(countMisses(twice, []))]).toEqual([[], ["database"], []]);
});

test("a node without its database says so and stays in traffic; one that lacks a service too does not", () => {
  const containers = [runningContainer("backend", "healthy"), runningContainer("caddy", "healthy")];
  const seen = { role: "app", expected: ["backend", "caddy"], containers, ageMs: 1, away: ["database"] } as const;
  expect(healthOf(seen)).toEqual({ status: "degraded", reason: "database away" });
  expect(healthOf({ ...seen, expected: ["backend", "caddy", "storefront"] })).toEqual({
    status: "unhealthy",
    reason: "storefront is missing; database away",
  });
});

test("the numbers name each dependency, and a node that is only degraded is counted as healthy", () => {
  const numbers = { agent: "1", draining: false, containers: [], uptimeSeconds: 1, memoryBytes: 1, cpuSeconds: 1 };
  const text = metricsText({ ...numbers, health: { status: "degraded", reason: "cache away" }, away: ["cache"] });
  expect(text).toContain('greenleaf_dependency_up{dependency="database"} 1\n');
  expect(text).toContain('greenleaf_dependency_up{dependency="cache"} 0\n');
  expect(text).toContain("greenleaf_healthy 1\n");
  expect(metricsText({ ...numbers, health: { status: "ok" } })).not.toContain("dependency");
});
