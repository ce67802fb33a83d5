import { expect, test } from "vitest";
import {
  bootingStatus,
  drainingStatus,
  finishedStatus,
  installingStatus,
  parseStatus,
  type Status,
  statusBytes,
} from "./status.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const start = (previous: Status | undefined, second = 0) => bootingStatus(previous, { agent: "1.0.0", at: at(second) });
const ran = (phase: string, error?: { what: string; why: string }) => ({
  phase,
  ms: 5,
  operations: 1,
  ...(error ? { error } : {}),
});

test("a ready boot says what ran, what the release is and which services must be healthy", () => {
  const end = { verdict: "ready" as const, results: [ran("fetch")], release: "r1", services: ["caddy"], at: at(3) };
  expect(finishedStatus(start(undefined), end)).toEqual({
    version: 1,
    verdict: "ready",
    agent: "1.0.0",
    release: "r1",
    services: ["caddy"],
    phases: [{ name: "fetch", attempts: 1, ms: 5, operations: 1 }],
    started: "2026-01-01T00:00:00.000Z",
    updated: "2026-01-01T00:00:03.000Z",
  });
});

test("attempts of a phase are counted until the node is ready, and from one again afterwards", () => {
  const why = { what: "no answer", why: "timeout" };
  const failed = finishedStatus(start(undefined), {
    verdict: "failed",
    results: [ran("identify"), ran("fetch", why)],
    at: at(1),
  });
  const again = finishedStatus(start(failed), {
    verdict: "ready",
    results: [ran("identify"), ran("fetch"), ran("render")],
    at: at(2),
  });
  expect(again.phases.map(({ name, attempts }) => [name, attempts])).toEqual([
    ["identify", 2],
    ["fetch", 2],
    ["render", 1],
  ]);
  const third = finishedStatus(start(again), { verdict: "ready", results: [ran("fetch")], at: at(3) });
  expect(third.phases).toMatchObject([{ name: "fetch", attempts: 1 }]);
});

test("a boot that ended without a verdict is found by the next one and told until the node is ready", () => {
  const killed = start(undefined, 7);
  const next = start(killed, 9);
  expect(next.interrupted).toEqual({ started: "2026-01-01T00:00:07.000Z" });
  const failed = finishedStatus(next, { verdict: "failed", results: [], at: at(10) });
  expect(start(failed).interrupted).toEqual({ started: "2026-01-01T00:00:07.000Z" });
  const ready = finishedStatus(start(failed), { verdict: "ready", results: [], at: at(11) });
  expect(ready.interrupted).toEqual({ started: "2026-01-01T00:00:07.000Z" });
  expect(start(ready).interrupted).toBeUndefined();
});

test("the boot that follows an installation interrupts nothing", () => {
  const installing = installingStatus({ agent: "0.1.0", at: at(1) });
  expect(installing).toMatchObject({ verdict: "booting", reason: { why: "greenleaf-agent install brings it" } });
  expect(start(installing, 2)).toEqual(start(undefined, 2));
});

test("while a boot runs the services of the running stack stay known", () => {
  const ready = finishedStatus(start(undefined), {
    verdict: "ready",
    results: [],
    services: ["caddy", "backend"],
    at: at(1),
  });
  expect(start(ready)).toMatchObject({ verdict: "booting", services: ["caddy", "backend"] });
});

test("what was killed while draining starts a new life, not an interrupted one", () => {
  const ready = finishedStatus(start(undefined), { verdict: "ready", results: [ran("fetch")], at: at(1) });
  const draining = drainingStatus(ready, "Spot notice", at(2));
  expect(draining).toMatchObject({ verdict: "draining", reason: { why: "Spot notice" } });
  expect(start(draining)).toMatchObject({ verdict: "booting", phases: [] });
  expect(start(draining).interrupted).toBeUndefined();
});

test("what is no status document of this version reads as none", () => {
  const status = start(undefined);
  expect(parseStatus(statusBytes(status))).toEqual(status);
  expect(["", "{", "null", "[]", '{"version":2}', statusBytes(status).slice(0, 40)].map(parseStatus)).toEqual(
    Array.from({ length: 6 }, () => undefined),
  );
});

test("a document that lacks a member, has one of another kind or a verdict nobody knows is none of this version's", () => {
  const good = finishedStatus(start(undefined), { verdict: "ready", results: [ran("fetch")], at: at(3) });
  expect(parseStatus(statusBytes(good))).toEqual(good);
  const wrong: object[] = [
    { verdict: "splendid" },
    { verdict: "constructor" },
    { services: [null] },
    { phases: [{}] },
    { node: {} },
    { hook: "x" },
    { reason: { what: 1 } },
    { updated: undefined },
  ];
  for (const change of wrong) {
    expect([change, parseStatus(JSON.stringify({ ...good, ...change }))]).toEqual([change, undefined]);
  }
});
