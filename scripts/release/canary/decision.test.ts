import { expect, test } from "vitest";
import { type CanaryLimits, decideCanary, type Look, type NodeTraffic } from "./decision.ts";

const LIMITS: CanaryLimits = { release: "two", forMs: 300_000, requests: 500 };
const canaryWith = (traffic: Partial<NodeTraffic>): NodeTraffic => ({
  verdict: "ready",
  release: "two",
  requests: 500,
  errors: 0,
  p99Ms: 40,
  ...traffic,
});
const other = (traffic: Partial<NodeTraffic> = {}): NodeTraffic => ({
  verdict: "ready",
  release: "one",
  requests: 500,
  errors: 0,
  p99Ms: 40,
  ...traffic,
});

const decide = (look: Partial<Look>, limits = LIMITS) =>
  decideCanary(
    { canary: canaryWith({}), others: [other(), other()], target: "healthy", elapsedMs: 60_000, silent: 0, ...look },
    limits,
  );

test("as good as the others after so many requests: on", () => {
  expect(decide({})).toEqual({
    is: "on",
    why: "500 requests, 0.0 % failed, p99 40 ms; the others 1000, 0.0 %, p99 40 ms",
  });
});

test("it is watched until the time or the requests are over, whichever comes first", () => {
  expect(decide({ canary: canaryWith({ requests: 499 }) }).is).toBe("watch");
  expect(decide({ canary: canaryWith({ requests: 499 }), elapsedMs: 300_000 }).is).toBe("on");
  expect(decide({ canary: canaryWith({ requests: 500 }), elapsedMs: 1 }).is).toBe("on");
});

test("too few requests in all the time are no proof", () => {
  const quiet = decide({ canary: canaryWith({ requests: 19 }), elapsedMs: 300_000 });
  expect(quiet).toEqual({ is: "back", why: "19 requests came in 300 s: too few to judge by", isQuiet: true });
  expect(decide({ canary: canaryWith({ requests: 20 }), elapsedMs: 300_000 }).is).toBe("on");
  // Whoever asks for fewer is content with fewer.
  expect(decide({ canary: canaryWith({ requests: 5 }) }, { ...LIMITS, requests: 5 }).is).toBe("on");
});

test("a release that fails 5 % goes back as soon as that is no accident", () => {
  const why = "5.0 % of its 60 requests failed, 0.0 % of the others' 1000";
  expect(decide({ canary: canaryWith({ requests: 60, errors: 3 }) })).toEqual({ is: "back", why });
  expect(decide({ canary: canaryWith({ requests: 60, errors: 2 }) }).is).toBe("watch");
  expect(decide({ canary: canaryWith({ requests: 19, errors: 19 }) }).is).toBe("watch");
});

test("what fails as often on the others is not the release's fault", () => {
  const others = [other({ errors: 25 }), other({ errors: 25 })];
  expect(decide({ canary: canaryWith({ errors: 25 }), others }).is).toBe("on");
  expect(decide({ canary: canaryWith({ errors: 30 }), others }).is).toBe("on");
  expect(decide({ canary: canaryWith({ errors: 31 }), others }).is).toBe("back");
});

test("slower than one and a half times the slowest of the others, and 50 ms: back, at the end", () => {
  const others = [other({ p99Ms: 100 }), other({ p99Ms: 200 })];
  expect(decide({ canary: canaryWith({ p99Ms: 350 }), others }).is).toBe("on");
  expect(decide({ canary: canaryWith({ p99Ms: 351 }), others })).toEqual({
    is: "back",
    why: "its p99 is 351 ms, and 200 ms on the slowest of the others",
  });
  expect(decide({ canary: canaryWith({ p99Ms: 351, requests: 400 }), others }).is).toBe("watch");
});

test("a percentile of fewer than a hundred requests is not compared", () => {
  const late = { elapsedMs: 300_000 };
  expect(decide({ canary: canaryWith({ requests: 99, p99Ms: 9_000 }), ...late }).is).toBe("on");
  expect(decide({ canary: canaryWith({ p99Ms: 9_000 }), others: [other({ requests: 99 })] }).is).toBe("on");
});

test("a neighbour that gives no answer is left out; without any the canary must fail by itself", () => {
  expect(decide({ others: [undefined, other()] }).is).toBe("on");
  expect(decide({ others: [undefined, undefined] }).is).toBe("on");
  expect(decide({ others: [undefined], canary: canaryWith({ errors: 6 }) }).is).toBe("back");
});

test("a canary that tells nothing is asked again, and goes back at the third time", () => {
  expect(decide({ canary: undefined, silent: 2 })).toEqual({ is: "watch", told: "the canary gave no answer" });
  expect(decide({ canary: undefined, silent: 3 })).toEqual({
    is: "back",
    why: "the node told nothing of its traffic, 3 times in turn",
  });
});

test.each([
  [{ target: undefined }, "the node is gone"],
  [{ target: "unhealthy" }, "the balancer calls the node unhealthy"],
  [{ canary: canaryWith({ release: "one" }) }, "the node runs one by now: another boot or operator moved it"],
  [
    { canary: { verdict: "ready", requests: 500, errors: 0 } },
    "the node runs nothing by now: another boot or operator moved it",
  ],
  [{ canary: canaryWith({ verdict: "degraded" }) }, "the node is degraded"],
] as ReadonlyArray<[Partial<Look>, string]>)("a node that is lost ends the watch: %j", (look, why) => {
  expect(decide(look)).toEqual({ is: "back", why });
});
