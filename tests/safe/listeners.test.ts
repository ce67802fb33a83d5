import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Daemon, startDaemon } from "./daemon.ts";
import { fuzzListener, healthOf } from "./fuzz-listeners.ts";
import { exchange, request, statusOf } from "./wire.ts";

let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon.stop());

const NONSENSE = ["//:x/../healthz", "//", "http://[", "//[::1", "/%", "/../..//:0"];

test.each(["loopback", "own socket", "Caddy's socket"] as const)("no path ends the daemon by its %s", async (name) => {
  const where = daemon.listeners[name];
  const pid = daemon.pid();
  expect(pid).toBeGreaterThan(0);
  for (const url of NONSENSE) {
    expect([url, statusOf(await exchange(where, request(`GET ${url} HTTP/1.1`)))]).toEqual([
      url,
      expect.toBeOneOf([400, 404]),
    ]);
  }
  expect(statusOf(await exchange(where, request("GET /healthz HTTP/1.1")))).toBe(503);
  expect(daemon.pid()).toBe(pid);
});

test("Caddy, and by it a stranger, hears the bare word; this machine's programs hear the reason", async () => {
  const body = async (name: keyof Daemon["listeners"]) =>
    JSON.parse(
      (await exchange(daemon.listeners[name], request("GET /healthz HTTP/1.1"))).split("\r\n\r\n")[1] ?? "",
    ) as object;
  expect(await body("Caddy's socket")).toEqual({ status: "unhealthy" });
  expect(await body("loopback")).toEqual({ status: "unhealthy", reason: expect.any(String) });
});

/** `bench safe` sends a hundred thousand. */
const SAMPLE = 1_500;

test.each([
  ["loopback", 1],
  ["own socket", 2],
  ["Caddy's socket", 3],
] as const)(
  `${SAMPLE} requests that nobody means, of a seed, leave the process that listens on %s the same`,
  async (name, seed) => {
    const pid = daemon.pid();
    const answers = await fuzzListener(daemon.listeners[name], { seed, count: SAMPLE });
    expect([...answers.values()].reduce((sum, count) => sum + count, 0)).toBe(SAMPLE);
    // The fuzz finds what the listener has to say as well, or it would prove little.
    expect([...answers.keys()]).toEqual(expect.arrayContaining([400, 404, 405]));
    expect([500, 502].filter((status) => answers.has(status))).toEqual([]);
    expect(await healthOf(daemon.listeners[name])).toBe(503);
    expect(daemon.pid()).toBe(pid);
  },
);

test("a status document of nobody's version is told once, and counts for nothing", async () => {
  const pid = daemon.pid();
  for (const text of [
    "{",
    "{}",
    '{"version":1,"verdict":"ready","phases":[{}],"services":[null]}',
    '{"version":2}',
    "\0".repeat(100_000),
  ]) {
    writeFileSync(join(daemon.node.root, "var/lib/greenleaf/status.json"), text);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await healthOf(daemon.listeners.loopback)).toBe(503);
  }
  expect(daemon.pid()).toBe(pid);
  expect(daemon.agent.stderr().match(/is no status document/g)).toHaveLength(1);
});
