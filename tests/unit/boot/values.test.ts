import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EXIT } from "../../../node-agent/src/base/errors.ts";
import { COMPOSE, type MemoryNode, memoryNode } from "../../support/memory-node.ts";

/** As the stack of a node has it: the new one serves before the old one goes. */
const START_FIRST = COMPOSE.replace(
  "mem_limit: 64m",
  "deploy: { update_config: { order: start-first, monitor: 1s } }",
).replace(/ {4}volumes: .*\n/, "");
const GOOD = "a-secret-of-the-shop";
const BAD = "a-secret-nobody-takes";

let node: MemoryNode;
beforeEach(async () => {
  node = memoryNode();
  node.publish({ compose: START_FIRST });
  onlyHealthyWithout(BAD);
  expect(await node.boot()).toMatchObject({ code: 0, error: undefined });
  node.engine.calls.length = 0;
});
afterEach(() => node.close());

const read = (name: string) => readFileSync(join(node.root, name), "utf8");
const json = (name: string) => JSON.parse(read(name)) as Record<string, unknown>;
const status = () => json("var/lib/greenleaf/status.json") as { verdict: string; reason?: Record<string, unknown> };
const history = () =>
  read("var/lib/greenleaf/history.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const calls = () => node.engine.calls.splice(0);
const store = (value: string) => node.secrets.set("greenleaf/prod/api", value);

/** A container that was given such a value is never healthy. */
function onlyHealthyWithout(value: string): void {
  const inspect = node.engine.inspect.bind(node.engine);
  node.engine.inspect = async (reference) => {
    const found = await inspect(reference);
    const env = node.engine.containers.get(found?.id ?? "")?.body.Env ?? [];
    const isSick = found?.state === "running" && env.some((line) => line.includes(value));
    return found && isSick ? { ...found, health: "unhealthy", lastCheck: `refused ${value}` } : found;
  };
}

test("a value that changed rolls what reads it, and is told as a rotation with the key that changed", async () => {
  store("another-secret-of-it");
  const { code } = await node.boot("apply", { isForValues: true });
  expect(code).toBe(0);
  expect(calls().filter((call) => /caddy/.test(call))).toEqual([]);
  expect(history().at(-1)).toMatchObject({
    what: "rotation",
    from: "one",
    to: "one",
    result: "ready",
    why: "backend.env: changed TOKEN",
  });
});

test("a value the stack is not healthy with: the old one serves on, the values of before are back, and the node says so", async () => {
  store(BAD);
  const { code, events } = await node.boot("apply", { isForValues: true });
  expect(code).toBe(EXIT.degraded);
  expect(read("run/greenleaf/backend.env")).toContain(GOOD);
  const running = [...node.engine.containers.values()].map(({ name, body }) => `${name} ${body.Env?.join(" ") ?? ""}`);
  expect(running.join("\n")).not.toContain(BAD);
  expect(running).toHaveLength(2);
  expect(status()).toMatchObject({ verdict: "degraded", release: "one" });
  expect(status().reason).toMatchObject({
    code: "values.refused",
    exitCode: EXIT.degraded,
    why: expect.stringContaining("stack: backend is not healthy") as unknown,
    fix: expect.stringContaining("2026-05-02T00:1") as unknown,
  });
  expect(history().at(-1)).toMatchObject({ what: "rotation", result: "degraded", code: "values.refused" });
  expect(JSON.stringify([events, status(), history()])).not.toMatch(/a-secret/);
});

test("what was refused is not tried again at the next boot, and is at one that asks for it or once it is due", async () => {
  store(BAD);
  await node.boot();
  calls();
  const entries = history().length;
  const second = await node.boot();
  expect([second.code, calls(), history().length]).toEqual([EXIT.degraded, [], entries]);
  expect(status().reason).toMatchObject({ code: "values.refused" });

  await node.boot("apply", { isForValues: true });
  expect(calls()).not.toEqual([]);
  expect(json("run/greenleaf/refused.json")).toMatchObject({ tries: 2 });

  node.clock.now += 29 * 60_000;
  await node.boot();
  expect(calls()).toEqual([]);
  node.clock.now += 2 * 60_000;
  await node.boot();
  expect(calls()).not.toEqual([]);
});

test("a better value is tried at once, and nothing is left of the refusal", async () => {
  store(BAD);
  await node.boot();
  store("the-right-secret-now");
  expect((await node.boot()).code).toBe(0);
  expect(read("run/greenleaf/backend.env")).toContain("the-right-secret-now");
  expect(status()).toMatchObject({ verdict: "ready" });
  expect(existsSync(join(node.root, "run/greenleaf/refused.json"))).toBe(false);
});

test.each([
  ["is missing", () => void node.secrets.delete("greenleaf/prod/api"), /fetch: 1 of 3 values are missing/],
  ["no reader can express", () => store("a\0b"), /render: 1 value cannot be used/],
])("a value that %s changes nothing on a node that ran, and is told", async (_what, spoil, told) => {
  spoil();
  const { code, operations } = await node.boot();
  expect([code, operations, calls()]).toEqual([EXIT.degraded, [], []]);
  expect(status().reason).toMatchObject({ code: "values.refused", why: expect.stringMatching(told) as unknown });
  expect(history().at(-1)).toMatchObject({ what: "rotation", result: "degraded" });
  expect(read("run/greenleaf/backend.env")).toContain(GOOD);
});

test("a plan tells a value that is missing as what it is", async () => {
  node.secrets.clear();
  expect((await node.boot("plan")).error).toMatchObject({ code: "fetch.missing" });
});

test("a release that is at fault with the good values too fails as it always did", async () => {
  node.engine.stands.set("backend", { health: "unhealthy" });
  node.publish({ id: "two", compose: START_FIRST.replace("restart: always", "restart: unless-stopped") });
  const { code, error } = await node.boot();
  expect([code, error]).toMatchObject([undefined, { exitCode: EXIT.unhealthy }]);
  expect(status()).toMatchObject({ verdict: "failed" });
  store("another-secret-of-it");
  expect((await node.boot()).error).toMatchObject({ exitCode: EXIT.unhealthy });
  expect(status()).toMatchObject({ verdict: "failed" });
});

test("changed values alone leave the release that runs, whatever was published since", async () => {
  node.publish({ id: "two", compose: START_FIRST });
  store("another-secret-of-it");
  const { boot } = await node.boot("apply", { isForValues: true });
  expect([boot.release?.id, status()]).toMatchObject(["one", { verdict: "ready", release: "one" }]);
  expect((await node.boot()).boot.release?.id).toBe("two");
});

test("a boot that was killed on its way to bad values is brought back by the next one", async () => {
  store(BAD);
  const start = node.engine.start.bind(node.engine);
  node.engine.start = () => Promise.reject(new Error("the power is cut"));
  expect((await node.boot()).error).toMatchObject({ message: "the power is cut" });
  expect(read("run/greenleaf/backend.env")).toContain(BAD);
  node.engine.start = start;
  expect((await node.boot()).code).toBe(EXIT.degraded);
  expect(read("run/greenleaf/backend.env")).toContain(GOOD);
});

test("what the daemon compares with holds versions and no value, and the good values are the node's alone", () => {
  const watched = read("run/greenleaf/watched.json");
  expect(JSON.parse(watched)).toMatchObject({
    region: "eu-west-3",
    parameters: { "/greenleaf/prod/shop/title": expect.stringMatching(/^\w{8}$/) as unknown },
    secrets: { "greenleaf/prod/api": expect.stringMatching(/^\w{8}$/) as unknown },
  });
  expect(watched).not.toContain("a-secret");
  for (const name of ["good.json", "watched.json"])
    expect((statSync(join(node.root, "run/greenleaf", name)).mode & 0o777).toString(8)).toBe("600");
});
