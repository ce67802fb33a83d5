import { expect, test } from "vitest";
import { bootingStatus, finishedStatus } from "../../core/node/status/status.ts";
import type { LiveStatus } from "./answers.ts";
import { pageHtml } from "./page.ts";

const AT = new Date("2026-01-01T00:00:00Z");
const EVIL = `<img src=x onerror="alert('1')">&`;

const live = (changes: Partial<LiveStatus>): LiveStatus => ({
  agent: "1.0.0",
  pid: 1,
  since: AT.toISOString(),
  uptimeSeconds: 61,
  health: { status: "ok" },
  draining: null,
  boot: null,
  crashLoops: [],
  counts: {},
  containers: [],
  traffic: [],
  events: [],
  history: [],
  ...changes,
});
const booting = bootingStatus(undefined, { agent: "1", at: AT });
const failed = finishedStatus(booting, {
  verdict: "failed",
  reason: { what: EVIL, why: EVIL, fix: EVIL },
  results: [{ phase: EVIL, ms: 1, operations: 0, error: { what: EVIL, why: EVIL } }],
  release: EVIL,
  at: AT,
});

test("nothing that comes from outside becomes markup", () => {
  const container = {
    id: "1",
    name: EVIL,
    service: EVIL,
    health: "healthy" as const,
    status: EVIL,
    image: EVIL,
    dependsOn: [],
    state: "running",
    isOptional: false,
  };
  const events = [{ at: AT.toISOString(), text: EVIL }];
  const page = pageHtml(
    live({
      crashLoops: [{ service: EVIL, lines: EVIL, isNeeded: true }],
      boot: failed,
      containers: [container],
      events,
      traffic: [{ at: AT.getTime(), requests: 1, errors: 0, release: EVIL }],
      history: [{ at: EVIL, what: "deploy", by: EVIL, from: EVIL, to: EVIL, result: EVIL, code: EVIL, operations: 1 }],
      health: { status: "unhealthy", reason: EVIL },
    }),
  );
  expect(page).not.toContain("<img");
  expect(page.match(/&lt;img src=x onerror=&quot;alert\(&#39;1&#39;\)&quot;&gt;&amp;/g)).toHaveLength(20);
});

test.each<[string, Partial<LiveStatus>]>([
  ["ready", { boot: finishedStatus(booting, { verdict: "ready", results: [], at: AT }) }],
  ["degraded", { boot: finishedStatus(booting, { verdict: "degraded", results: [], at: AT }) }],
  [
    "degraded",
    {
      boot: finishedStatus(booting, { verdict: "ready", results: [], at: AT }),
      crashLoops: [{ service: "worker", lines: "", isNeeded: false }],
    },
  ],
  ["unhealthy", { boot: failed, health: { status: "unhealthy", reason: "r" } }],
  ["booting", { boot: booting, health: { status: "unhealthy", reason: "r" } }],
  ["draining", { draining: "Spot notice", health: { status: "unhealthy", reason: "draining" } }],
])("the first word is %s", (word, changes) => {
  expect(pageHtml(live(changes))).toContain(`<p class="verdict ${word}" role="status">${word}</p>`);
});

test("the picture says in words what it shows, and again in signs for a terminal", () => {
  const slice = (index: number, requests: number, errors: number, release?: string) => ({
    at: AT.getTime() + index * 10_000,
    requests,
    errors,
    ...(release === undefined ? {} : { release }),
  });
  const traffic = [
    ...[0, 1, 2].map((index) => slice(index, 20, 0, "one")),
    ...[3, 4, 5].map((index) => slice(index, 0, 0)),
    slice(6, 10, 0, "two"),
    slice(7, 5, 5, "two"),
  ];
  const page = pageHtml(live({ traffic }));
  const said = [
    "In the last minute 75 requests, at most 2.0 a second; 5 failed (500 and more).",
    "Release one, since 00:01:00 two.",
  ];
  expect(page).toContain(`aria-label="${said.join(" ")}"`);
  for (const sentence of said) expect(page).toContain(`<p>${sentence}</p>`);
  expect(page).toContain(">█_!</pre>");
  expect(page.match(/<rect class="release\d"/g)).toHaveLength(2);
  expect(page.match(/<path class="change"/g)).toHaveLength(1);
  expect(page).not.toMatch(/<script|NaN|undefined|Infinity/);
});

test("a quarter of an hour of traffic is a picture of less than 8 KB, and none without it", () => {
  const traffic = Array.from({ length: 90 }, (_, index) => ({
    at: AT.getTime() + index * 10_000,
    requests: 1_000 + index,
    errors: index,
  }));
  const bare = pageHtml(live({ traffic: [] }));
  expect(bare).not.toContain("<svg");
  expect(pageHtml(live({ traffic })).length - bare.length).toBeLessThan(8_192);
});
