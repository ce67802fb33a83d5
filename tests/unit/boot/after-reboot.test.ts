import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type MemoryNode, memoryNode } from "../../support/memory-node.ts";

const ON_DISK = "var/lib/greenleaf/good.json";
const ENV = "run/greenleaf/backend.env";
const DAY_MS = 24 * 60 * 60_000;

let node: MemoryNode;
beforeEach(async () => {
  node = memoryNode();
  node.instanceId = "i-1";
  node.publish();
  expect(await node.boot()).toMatchObject({ code: 0, error: undefined });
});
afterEach(() => node.close());

const path = (name: string) => join(node.root, name);
const read = (name: string) => readFileSync(path(name), "utf8");

/** What lies in memory is gone. */
function reboot(): void {
  rmSync(path("run/greenleaf"), { recursive: true });
}

test("an instance that reboots while AWS is away runs with what it was healthy with, degraded", async () => {
  const env = read(ENV);
  expect(statSync(path(ON_DISK)).mode & 0o777).toBe(0o600);
  node.isAwsThere = false;
  reboot();
  const { code, boot } = await node.boot();
  expect([code, boot.degraded]).toEqual([
    2,
    expect.stringMatching(/AWS gave no answer \(.*\); the environment of 2026-05-02T.* is kept/),
  ]);
  expect([read(ENV), statSync(path(ENV)).mode & 0o777]).toEqual([env, 0o600]);
  expect(node.engine.calls.filter((call) => call.startsWith("create"))).toHaveLength(2);
  node.isAwsThere = true;
  expect(await node.boot()).toMatchObject({ code: 0, operations: [] });
});

test("a plan after it writes nothing", async () => {
  node.isAwsThere = false;
  reboot();
  expect((await node.boot("plan")).boot.degraded).toMatch(/is kept/);
  expect(existsSync(path(ENV))).toBe(false);
});

test.each<[string, () => void]>([
  ["another instance, made of this one's disk", () => (node.instanceId = "i-2")],
  ["a machine that is no instance", () => (node.instanceId = undefined)],
  ["a release with other templates", () => node.publish({ id: "two", template: "# greenleaf: reader=compose\nA=b\n" })],
  ["more than thirty days later", () => (node.clock.now += 31 * DAY_MS)],
  ["a clock that went back", () => (node.clock.now -= 2 * DAY_MS)],
  ["a file that was cut short", () => writeFileSync(path(ON_DISK), read(ON_DISK).slice(0, -20))],
  ["another role's", () => writeFileSync(path(ON_DISK), read(ON_DISK).replace(/"bound":"./, '"bound":"z'))],
])("%s finds nothing there", async (_whose, happens) => {
  node.isAwsThere = false;
  reboot();
  happens();
  const { code, error } = await node.boot();
  expect([code, error]).toMatchObject([undefined, { code: "fetch.deadline" }]);
  expect(existsSync(path(ENV))).toBe(false);
});

test("what is kept follows each change, and its age each day", async () => {
  const first = read(ON_DISK);
  node.clock.now += DAY_MS / 2;
  await node.boot();
  expect(read(ON_DISK)).toBe(first);
  node.clock.now += DAY_MS;
  await node.boot();
  const later = read(ON_DISK);
  expect(later.replace(/"at":"[^"]*"/, "")).toBe(first.replace(/"at":"[^"]*"/, ""));
  expect(later).not.toBe(first);
  node.secrets.set("greenleaf/prod/api", "another-secret-of-the-shop");
  await node.boot();
  expect(read(ON_DISK)).toContain("another-secret-of-the-shop");
});

test("a machine of somebody's own keeps no secret on its disk", async () => {
  const own = memoryNode();
  try {
    own.publish();
    expect(await own.boot()).toMatchObject({ code: 0 });
    expect(existsSync(join(own.root, ON_DISK))).toBe(false);
  } finally {
    own.close();
  }
});
