import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  CLAIM_AFTER_MS,
  HOLD_MS,
  LEASE_MS,
  RENEW_MS,
  SILENT_MS,
  stableAfter,
} from "../../../node-agent/src/core/router/failover/decision.ts";
import { HEARTBEAT_MS } from "../../../node-agent/src/daemon/router/heartbeat.ts";
import {
  DEAF_MS,
  FULL_RECONCILE_MS,
  HEARING_MS,
  OUTLINE_MS,
} from "../../../node-agent/src/daemon/router/nat-reconciler.ts";
import { type Measured, routerMetrics } from "../../../node-agent/src/daemon/router/router-metrics.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { REPOSITORY } from "../../../scripts/docs/pages.ts";

const page = readFileSync(join(REPOSITORY, "docs/router.md"), "utf8");
const section = (title: string) => page.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
const talker = { address: "10.0.10.5", flows: 1 };

/** A router of a pair of which everything is known. */
const MEASURED = {
  reconciler: { state: { serves: { home: true, peer: false } }, repairs: 0, returning: undefined },
  own: { isProven: true, ms: 1, ageMs: 1 },
  failover: {
    peer: () => ({ state: "proven" }),
    owner: () => "this router",
    counts: { failovers: 0, failbacks: 0, failures: 0 },
    lastFailover: { ms: 1 },
  },
  link: { heartbeat: { refusals: 0 }, keys: { areKnown: true } },
  flowEnds: { talkers: { clients: [talker], destinations: [talker], refused: [talker] }, restored: 0 },
  usage: {
    zones: [{ zone: "a", newFlows: 1, bytesOut: 1, bytesIn: 1 }],
    ports: [{ address: "10.0.1.10", flows: 1 }],
    allowances: { bw_in_allowance_exceeded: 0 },
  },
} as unknown as Measured;
const WORLD = { sysctl: { read: async () => new Map() }, conntrack: { counters: async () => "" } } as unknown as World;

const ordered = (names: Iterable<string>) => [...new Set(names)].toSorted();

test("the page has every metric of a router, with its labels, and no other", async () => {
  const text = await routerMetrics(WORLD, MEASURED);
  const given = [...text.matchAll(/^greenleaf_(\w+)(?:\{(.*)\})? /gm)].map(([, name = "", labels = ""]) => {
    const keys = [...labels.matchAll(/(\w+)="/g)].map(([, key]) => key).join();
    return `${name.replace(/^ena_\w+_allowance_\w+$/, "ena_*_allowance_*")}${keys === "" ? "" : `{${keys}}`}`;
  });
  const named = section("Metrics")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
  expect(named.toSorted()).toEqual(ordered(named));
  expect(ordered(named)).toEqual(ordered(given));
});

/** What the page says, with the milliseconds that the code has. */
const TIMES: ReadonlyArray<readonly [says: RegExp, ms: number]> = [
  [/hears nothing for ([\d.]+) s claims its own zone/, CLAIM_AFTER_MS],
  [/takes the other's zone when it hears nothing for ([\d.]+) s/, SILENT_MS],
  [/A holder renews every ([\d.]+) s/, RENEW_MS],
  [/stops forwarding ([\d.]+) s after its last renewal was sent/, HOLD_MS],
  [/others may begin ([\d.]+) s after the last change they saw/, LEASE_MS],
  [/goes back when its router was proven for ([\d.]+) s, twice as long after each further/, stableAfter(1)],
  [/tells nobody of is looked at every ([\d.]+) s/, HEARING_MS],
  [/rules are looked at every ([\d.]+) s;/, DEAF_MS],
  [/the barrier are looked at every ([\d.]+) s/, OUTLINE_MS],
  [/the barrier are looked at every [\d.]+ s, everything every ([\d.]+) s/, FULL_RECONCILE_MS],
];

test.each(TIMES)("the page's time is the code's: %s", (says, ms) => {
  const [, seconds] = says.exec(page.replaceAll(/\s+/g, " ")) ?? [];
  expect(Number(seconds) * 1000).toBe(ms);
});

test("and so is how often a heartbeat goes, and how long a zone that comes and goes is waited for", () => {
  expect(section("How a zone changes hands")).toMatch(/Beats go ten times a\s+second/);
  expect(1000 / HEARTBEAT_MS).toBe(10);
  expect(stableAfter(3)).toBe(2 * stableAfter(2));
  expect(stableAfter(2)).toBe(2 * stableAfter(1));
});
