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
      history: [{ at: EVIL, what: "deploy", by: EVIL, from: EVIL, to: EVIL, result: EVIL, code: EVIL, operations: 1 }],
      health: { status: "unhealthy", reason: EVIL },
    }),
  );
  expect(page).not.toContain("<img");
  expect(page.match(/&lt;img src=x onerror=&quot;alert\(&#39;1&#39;\)&quot;&gt;&amp;/g)).toHaveLength(18);
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
