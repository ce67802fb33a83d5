import { expect, test } from "vitest";
import { bootingStatus, finishedStatus } from "./status.ts";
import { exitCodeOfVerdict, type Known, statusText, verdictNow } from "./status-text.ts";

const AT = new Date("2026-01-01T00:00:00Z");
const booting = bootingStatus(undefined, { agent: "1", at: AT });
const ended = (verdict: "ready" | "degraded" | "failed") =>
  finishedStatus(booting, { verdict, release: "r1", results: [{ phase: "fetch", ms: 1234, operations: 0 }], at: AT });
const live = (changes: Partial<NonNullable<Known["live"]>> = {}): NonNullable<Known["live"]> => ({
  health: { status: "ok" },
  draining: null,
  uptimeSeconds: 5,
  containers: [],
  ...changes,
});
const sick = live({ health: { status: "unhealthy", reason: "backend is missing" } });

test.each<[string, number, Known]>([
  ["unknown", 69, {}],
  ["ready", 0, { boot: ended("ready"), live: live() }],
  ["ready", 0, { boot: ended("ready") }],
  ["degraded", 2, { boot: ended("degraded"), live: live() }],
  ["failed", 69, { boot: ended("failed"), live: live() }],
  ["unhealthy", 69, { boot: ended("ready"), live: sick }],
  ["booting", 75, { boot: booting, live: sick }],
  ["draining", 75, { boot: ended("ready"), live: live({ draining: "Spot notice" }) }],
])("%s ends with %i", (verdict, code, known) => {
  expect(verdictNow(known)).toBe(verdict);
  expect(exitCodeOfVerdict(verdictNow(known))).toBe(code);
});

test("people read the verdict, the reason and the parts", () => {
  const container = {
    id: "1",
    name: "n",
    service: "backend",
    health: "stopped" as const,
    status: "Exited (1)",
    image: "",
    dependsOn: [],
    state: "exited",
    isOptional: false,
  };
  const text = statusText({ boot: ended("ready"), live: { ...sick, containers: [container] } }, (_, plain) => plain);
  expect(text).toBe(
    [
      "unhealthy  release r1",
      "health     backend is missing",
      "boot       ready, 2026-01-01T00:00:00.000Z",
      "phase      fetch      1.23s",
      "agent      up 5 s",
      "container  backend     stopped  Exited (1)",
    ].join("\n"),
  );
});

test("a status that cannot be read is not taken for a node that never booted", () => {
  const text = (known: Known) => statusText(known, (_, plain) => plain);
  expect(text({})).toContain("this node never booted");
  expect(text({ isUnreadable: true })).toMatch(/^unknown\nwhy +\/var\/lib\/greenleaf\/status.json cannot be read/);
});

test("a health of an unknown word is not well", () => {
  const odd = { ...live({}), health: { status: "fine" } } as unknown as NonNullable<Known["live"]>;
  expect(exitCodeOfVerdict(verdictNow({ boot: ended("ready"), live: odd }))).toBe(69);
});

test("a service that ends again and again is told with its last lines: `failed` where customers need it, else `degraded`", () => {
  const looping = (isNeeded: boolean) => ({
    ...sick,
    health: { status: "ok" } as const,
    crashLoops: [{ service: "backend", lines: "one\ntwo", isNeeded }],
  });
  const known = { boot: ended("ready"), live: looping(true) };
  expect(statusText(known, (_, plain) => plain)).toContain(
    "crashes    backend ends again and again; its last lines:\n  | one\n  | two\n",
  );
  expect([verdictNow(known), exitCodeOfVerdict(verdictNow(known))]).toEqual(["failed", 69]);
  const optional = verdictNow({ ...known, live: looping(false) });
  expect([optional, exitCodeOfVerdict(optional)]).toEqual(["degraded", 2]);
});
