import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type MemoryNode, memoryNode } from "../../support/memory-node.ts";

const BACKEND = "greenleaf-backend-1";
const CADDY = "greenleaf-caddy-1";

let node: MemoryNode;
beforeEach(async () => {
  node = memoryNode();
  node.publish();
  await node.boot();
  node.engine.calls.length = 0;
});
afterEach(() => node.close());

function held(name: string) {
  const found = [...node.engine.containers.values()].find((container) => container.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
}

test("a repair of a node that is well does nothing", async () => {
  expect(await node.repair()).toMatchObject({ operations: [], error: undefined });
  expect(node.engine.calls).toEqual([]);
});

test.each(["exited", "dead", "created"])(
  "a container that is %s is brought back, and no other is touched",
  async (state) => {
    held(BACKEND).state = state;
    const { operations, error } = await node.repair("backend");
    expect(error).toBeUndefined();
    expect(operations.some((text) => text.startsWith("start container "))).toBe(true);
    expect(node.engine.calls.some((call) => call.includes(CADDY))).toBe(false);
    expect(held(BACKEND).state).toBe("running");
  },
);

test("a container that is paused is started anew", async () => {
  held(BACKEND).state = "paused";
  await node.repair("backend");
  expect(node.engine.calls).toEqual([`restart ${BACKEND}`]);
});

test("a container that was removed is made again, of the release that runs and with its environment", async () => {
  const before = held(BACKEND).body;
  node.engine.containers.delete(held(BACKEND).id);
  // Neither AWS nor what was published since is asked.
  node.isAwsThere = false;
  node.publish({ id: "two" });
  await node.repair("backend");
  expect(node.engine.calls).toEqual([`create ${BACKEND}`, `start ${BACKEND}`]);
  expect(held(BACKEND).body).toEqual(before);
});

test("what was rendered since moves no container: a repair starts it as it was made", async () => {
  writeFileSync(join(node.root, "run/greenleaf/backend.env"), "TITLE=Other\nTOKEN=other\n", { mode: 0o600 });
  held(BACKEND).state = "exited";
  await node.repair("backend");
  expect(node.engine.calls).toEqual([`start ${BACKEND}`]);
});

test("a service that runs and is unhealthy is left alone: what it waits for may be elsewhere", async () => {
  node.engine.stands.set("backend", { health: "unhealthy" });
  expect((await node.repair()).operations).toEqual([]);
});

test("after a boot that failed nothing is made from a release that may be no good", async () => {
  node.publish({ id: "two", template: 'TITLE={{ssm "shop/missing"}}\n' });
  expect((await node.boot()).error).toBeDefined();
  held(CADDY).state = "exited";
  node.engine.containers.delete(held(BACKEND).id);
  node.engine.calls.length = 0;
  expect((await node.repair()).error).toBeUndefined();
  expect(node.engine.calls).toEqual([`start ${CADDY}`]);
});

test("the last lines of what is repaired are told, without what is secret", async () => {
  node.engine.logs = async () => "cannot log in with a-secret-of-the-shop\n";
  held(BACKEND).state = "exited";
  const { lines } = await node.repair("backend");
  expect(lines.get("backend")).toContain("cannot log in with");
  expect(lines.get("backend")).not.toContain("a-secret-of-the-shop");
});

test("what the engine refuses is told", async () => {
  node.engine.refuses.set(`start ${BACKEND}`, new Error("no space left on device"));
  held(BACKEND).state = "exited";
  expect(String((await node.repair("backend")).error)).toContain("no space left");
});

const EDITED = { memory: 12_582_912, swap: -1, nanoCpus: 0, pids: 0, restart: "always" };

test.each(["boot", "repair"] as const)(
  "limits edited by hand are set again by a %s, and nothing is restarted",
  async (by) => {
    node.engine.stands.set("backend", { limits: EDITED });
    const { operations } = by === "boot" ? await node.boot() : await node.repair("backend");
    expect(operations.join()).toContain(`update container ${BACKEND}`);
    expect(node.engine.calls).toEqual([`update ${BACKEND}`]);
    node.engine.calls.length = 0;
    await node.boot();
    expect(node.engine.calls).toEqual([]);
  },
);
