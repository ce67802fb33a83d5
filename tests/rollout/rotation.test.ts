import { afterAll, beforeAll, expect, test } from "vitest";
import { whyNoFront } from "../safe/front.ts";
import { type AgentProcess, runAgent, startAgent } from "../support/agent-process.ts";
import { prefixReaper } from "../support/reaper.ts";
import { type Load, startLoad } from "./load.ts";
import { type RotatingNode, rotatingNode } from "./rotating-node.ts";

const PROJECT = `gl-rotate-${process.pid}`;
const reaper = prefixReaper(PROJECT);
const front = await whyNoFront();
const made = front === undefined ? await rotatingNode(PROJECT) : { missing: front };
const reason = "missing" in made ? ` (skipped: ${made.missing})` : "";
const node = made as RotatingNode;
/** A busy machine takes its time; nothing here is about how long it is. */
const PATIENCE = { timeout: 240_000, interval: 500 };

let daemon: AgentProcess;
let load: Load;
beforeAll(async () => {
  if (reason !== "") return;
  const { code, stderr } = await runAgent("boot", "--root", node.root);
  expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
  daemon = startAgent(["serve", "--port", "0", "--root", node.root]);
  load = startLoad(node.port);
});
afterAll(async () => {
  await load?.stop();
  daemon?.child.kill("SIGTERM");
  await daemon?.ended;
  if (reason === "") await node.close();
  await reaper.finish();
});

interface Told {
  readonly verdict: string;
  readonly reason?: { readonly code: string };
}
const status = () => JSON.parse(node.read("var/lib/greenleaf/status.json")) as Told;
const history = () =>
  node
    .read("var/lib/greenleaf/history.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
const version = () => load.versions.get("backend two") ?? 0;

test.skipIf(reason !== "")(
  `a secret that changed rolls the one service that reads it, and loses no request${reason}`,
  async () => {
    const before = await node.containers();
    await node.put({ version: "two", mode: "well" });
    await expect.poll(version, PATIENCE).toBeGreaterThan(20);
    await expect.poll(status, PATIENCE).toMatchObject({ verdict: "ready" });
    const after = await node.containers();
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect([changed, Object.keys(after).sort()]).toEqual([[`${PROJECT}-backend-1`], Object.keys(before).sort()]);
    expect(history().at(-1)).toMatchObject({ what: "rotation", result: "ready", why: "backend.env: changed VERSION" });
    expect(load.failures).toEqual([]);
  },
);

test.skipIf(reason !== "")(
  "a value with which it is never healthy goes back, and customers see nothing of it",
  async () => {
    const before = await node.containers();
    await node.put({ version: "three", mode: "sick" });
    await expect.poll(status, PATIENCE).toMatchObject({ verdict: "degraded", reason: { code: "values.refused" } });
    expect(await node.containers()).toEqual(before);
    expect(history().at(-1)).toMatchObject({ what: "rotation", result: "degraded", code: "values.refused" });
    expect(node.read("run/greenleaf/backend.env")).toContain("VERSION=two");
    const entries = history().length;
    const answers = version();
    await expect.poll(version, PATIENCE).toBeGreaterThan(answers + 300);
    expect([load.failures, load.versions.get("backend three"), history().length]).toEqual([[], undefined, entries]);
  },
);

test.skipIf(reason !== "")("a value that is put right is taken up at the next look", async () => {
  await node.put({ version: "four", mode: "well" });
  await expect.poll(() => load.versions.get("backend four") ?? 0, PATIENCE).toBeGreaterThan(20);
  await expect.poll(status, PATIENCE).toMatchObject({ verdict: "ready" });
  const sent = await load.stop();
  expect(load.failures).toEqual([]);
  expect(sent).toBeGreaterThan(500);
});
