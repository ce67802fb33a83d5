import { afterEach, beforeEach, expect, test } from "vitest";
import { TemporaryError } from "../../../node-agent/src/base/errors.ts";
import { type MemoryNode, memoryNode } from "../../support/memory-node.ts";

let node: MemoryNode;
beforeEach(() => {
  node = memoryNode();
});
afterEach(() => node.close());

const image = (name: string, digit: string) => `registry.example/${name}@sha256:${digit.repeat(64)}`;
const imagesOf = (digit: string) => ({ backend: image("backend", digit), caddy: image("caddy", "c") });

async function release(id: string, digit: string) {
  node.publish({ id, images: imagesOf(digit) });
  node.engine.calls.length = 0;
  const { error } = await node.boot();
  expect(error).toBeUndefined();
  return node.engine.calls.filter((call) => /^(pull|remove image)/.test(call));
}

test("the third release makes room before it is pulled: only the first one's own image goes", async () => {
  node.engine.images.set("theirs:latest", "sha256:theirs");
  await release("one", "1");
  expect(await release("two", "2")).toEqual([`pull ${image("backend", "2")}`]);
  expect(await release("three", "3")).toEqual([
    `remove image ${image("backend", "1")}`,
    `pull ${image("backend", "3")}`,
  ]);
  // The way back, and what is not ours, are still there.
  for (const kept of [image("backend", "2"), image("caddy", "c"), "theirs:latest"]) {
    expect(node.engine.images.has(kept)).toBe(true);
  }
});

test("an image that the engine will not give up stays, and the boot goes on", async () => {
  await release("one", "1");
  await release("two", "2");
  const used = new TemporaryError("in use", { code: "engine.away", why: "a container uses it", fix: "none" });
  node.engine.refuses.set(`remove image ${image("backend", "1")}`, used);
  expect(await release("three", "3")).toEqual([`pull ${image("backend", "3")}`]);
});

test("the same release again removes nothing", async () => {
  await release("one", "1");
  await release("two", "2");
  expect(await release("two", "2")).toEqual([]);
});
