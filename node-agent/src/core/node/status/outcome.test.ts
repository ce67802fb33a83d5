import { expect, test } from "vitest";
import { type Cause, EXIT_CODES, healthzOf, OUTCOMES } from "./outcome.ts";

const causes = Object.keys(OUTCOMES) as Cause[];
const finding = (cause: Cause) => ({ cause, reason: cause });

test("a node that calls itself well is left in traffic, and one that is out of it says why", () => {
  for (const cause of causes) {
    const { verdict, healthz } = OUTCOMES[cause];
    if (verdict === "ready" || verdict === "degraded") expect([cause, healthz]).toEqual([cause, 200]);
    if (healthz === 503) expect([cause, EXIT_CODES[verdict]]).not.toEqual([cause, 0]);
  }
});

test("one finding that takes a node out of traffic is enough, whatever else there is", () => {
  expect(healthzOf([])).toBe(200);
  expect(healthzOf([finding("aws"), finding("optional service")])).toBe(200);
  expect(healthzOf([finding("aws"), finding("crash loop")])).toBe(503);
});

test("a verdict ends `status` with the exit code that the pages promise", () => {
  expect(EXIT_CODES).toEqual({
    ready: 0,
    degraded: 2,
    failed: 69,
    unhealthy: 69,
    unknown: 69,
    booting: 75,
    draining: 75,
  });
});
