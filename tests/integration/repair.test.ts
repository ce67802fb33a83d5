import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { type AgentProcess, freePort, runAgent, startAgent } from "../support/agent-process.ts";
import { prefixReaper } from "../support/reaper.ts";
import { within } from "../support/test-node.ts";
import { BOOT_PROJECT, type BootNode, bootNode } from "./boot-node.ts";
import { docker, removeProject } from "./compose-oracle.ts";

const reaper = prefixReaper(BOOT_PROJECT);
let node: BootNode;
let agent: AgentProcess | undefined;

beforeEach(async () => {
  node = await bootNode();
  node.publish();
});
afterEach(async () => {
  agent?.child.kill("SIGTERM");
  await agent?.ended;
  agent = undefined;
  await removeProject(BOOT_PROJECT);
  await node.close();
});
afterAll(() => reaper.finish());

const BACKEND = `${BOOT_PROJECT}-backend-1`;

interface Live {
  readonly containers: ReadonlyArray<{ service: string; state: string }>;
  readonly events: ReadonlyArray<{ text: string }>;
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

async function serve(): Promise<() => Promise<Live>> {
  const port = await freePort();
  agent = startAgent(["serve", "--root", node.root, "--port", String(port)]);
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/status`)).json() as Promise<Live>;
  await within(60_000, "the agent answers", async () => (await ask().catch(() => undefined)) !== undefined);
  return ask;
}

const stateOf = async (name: string) =>
  (
    await docker
      .getContainer(name)
      .inspect()
      .catch(() => undefined)
  )?.State.Status ?? "gone";
const runs = (what: string) => within(120_000, what, async () => (await stateOf(BACKEND)) === "running");

test("a container that is killed, stopped, paused or removed by hand is brought back; in maintenance nothing is", async () => {
  expect((await runAgent("boot", "--root", node.root, "--within", "60")).code).toBe(0);
  const live = await serve();
  const container = docker.getContainer(BACKEND);
  for (const [what, harm] of [
    ["killed", () => container.kill()],
    ["stopped", () => container.stop({ t: 0 })],
    ["paused", () => container.pause()],
    ["removed", () => container.remove({ force: true })],
  ] as const) {
    await harm();
    await runs(`the backend is back after it was ${what}`);
  }
  const told = async () => (await live()).events.map(({ text }) => text);
  await within(60_000, "each repair is told", async () =>
    (await told()).some((text) => text === `repair: start container ${BACKEND} (it is new)`),
  );
  expect((await told()).filter((text) => text.startsWith("repair: ")).length).toBeGreaterThanOrEqual(4);
  expect((await live()).counts.backend?.ends).toBeGreaterThanOrEqual(3);

  const edited = docker.getContainer(BACKEND);
  await edited.update({ RestartPolicy: { Name: "no" } });
  const policy = async () => (await edited.inspect()).HostConfig.RestartPolicy?.Name;
  await within(60_000, "what was edited is as it was", async () => (await policy()) !== "no");
  expect((await live()).counts.backend?.edits).toBeGreaterThanOrEqual(1);

  const mark = join(node.root, "run/greenleaf/maintenance");
  mkdirSync(join(node.root, "run/greenleaf"), { recursive: true });
  writeFileSync(mark, "a new disk\n");
  await docker.getContainer(BACKEND).stop({ t: 0 });
  await within(60_000, "it says why nothing is done", async () =>
    (await told()).includes("nothing is repaired: maintenance: a new disk"),
  );
  expect(await stateOf(BACKEND)).toBe("exited");
  rmSync(mark);
  await runs("the backend is back after the maintenance");
  expect(existsSync(mark)).toBe(false);

  const { stdout } = await runAgent("history", "--root", node.root, "--json");
  const entries = JSON.parse(stdout) as ReadonlyArray<{ what: string; result: string; why?: string }>;
  expect(entries[0]).toMatchObject({ what: "boot", result: "ready" });
  const repairs = entries.filter(({ what, result }) => what === "repair" && result === "done");
  expect(repairs.length).toBeGreaterThanOrEqual(5);
  expect(repairs.map(({ why }) => why)).toContainEqual(expect.stringContaining(`start container ${BACKEND}`));
});
