import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BALANCER_CHECK, DRAIN_LIMITS } from "../../node-agent/src/core/node/drain.ts";
import { DAEMON_TIMES } from "../../node-agent/src/daemon/daemon.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** A number that one of our own files sets; it must stand there exactly as often as it is expected to. */
function numbers(path: string, setting: RegExp): number[] {
  const found = [...read(path).matchAll(setting)].map(([, value]) => Number(value));
  expect(found, `${setting} in ${path}`).not.toEqual([]);
  return found;
}

const check = {
  intervalSeconds: numbers("terraform/modules/balancer/main.tf", /^\s*interval\s*=\s*(\d+)$/gm),
  unhealthyThreshold: numbers("terraform/modules/balancer/main.tf", /^\s*unhealthy_threshold\s*=\s*(\d+)$/gm),
};
const graceSeconds = numbers("compose/docker-compose.yml", /^\s*stop_grace_period:\s*(\d+)s$/gm);
/** Caddy first, then the apps side by side. */
const stopsWithinMs = (Math.max(...graceSeconds) + Math.max(...graceSeconds)) * 1_000;

test("the agent knows the balancer by the numbers that Terraform gives it", () => {
  expect(check).toEqual({
    intervalSeconds: [BALANCER_CHECK.intervalSeconds],
    unhealthyThreshold: [BALANCER_CHECK.unhealthyThreshold],
  });
});

test("a node that leaves serves until the balancer has failed it as often as it must, and a moment more", () => {
  const [interval = Number.NaN] = check.intervalSeconds;
  const [threshold = Number.NaN] = check.unhealthyThreshold;
  expect(DRAIN_LIMITS.atLeastMs).toBeGreaterThan(interval * threshold * 1_000);
});

test("requests under way have time of their own after that", () => {
  expect(DRAIN_LIMITS.atMostMs).toBeGreaterThanOrEqual(DRAIN_LIMITS.atLeastMs + 3 * DRAIN_LIMITS.quietMs);
});

test("a Spot notice is seen within two seconds, and all of the drain fits into the two minutes it gives", () => {
  expect(DAEMON_TIMES.spotMs).toBeLessThan(2_000);
  expect(DAEMON_TIMES.spotMs + DRAIN_LIMITS.atMostMs + stopsWithinMs).toBeLessThan(120_000);
});

test("the group waits for the end of a drain at its longest", () => {
  const [drainSeconds = 0] = numbers("terraform/modules/app/main.tf", /^\s*drain_seconds\s*=\s*(\d+)$/gm);
  expect(DAEMON_TIMES.targetMs + DRAIN_LIMITS.atMostMs + stopsWithinMs).toBeLessThan(drainSeconds * 1_000);
});
