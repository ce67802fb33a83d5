import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instancesMissing, stockImage } from "./machine-images.ts";
import { booted, type FleetNode, newNode, reached } from "./node.ts";
import { bootWorld, type World } from "./world.ts";

const missing = instancesMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`a stock app node${why}`, () => {
  let world: World;
  let node: FleetNode;

  beforeAll(async () => {
    world = await bootWorld("stock");
  });
  afterAll(async () => {
    node?.remove();
    await world?.close();
  });

  test("fetches the signed agent, installs the engine, pulls the release and is healthy", async () => {
    node = await newNode(world, { image: stockImage() });
    const start = performance.now();
    const lap = () => `${((performance.now() - start) / 1000).toFixed(0)} s`;
    node.start();
    await reached(node, "agent", 400_000, async () => (await node.run("test -e /opt/greenleaf/current")).code === 0);
    const agent = lap();
    await reached(node, "engine", 400_000, async () => (await node.run("docker version")).code === 0);
    const engine = lap();
    await reached(node, "healthy answer", 400_000, async () => (await node.healthz()) === 200);
    await booted(node, 60_000);
    const status = await node.status();
    const phases = status?.phases.map(({ name, ms = 0 }) => `${name} ${ms} ms`).join(", ");
    console.log(`stock boot: agent after ${agent}, engine after ${engine}, /healthz after ${lap()} (${phases})`);
    expect(status?.release).toBe((await world.release()).id);
    expect(world.standIn.fleet.completions).toEqual([
      { instanceId: node.id, hook: "greenleaf-launch", result: "CONTINUE" },
    ]);
  });

  test("from then on it is as golden: a second boot plans nothing, and a reboot downloads nothing", async () => {
    expect((await node.run("/opt/greenleaf/current/node /opt/greenleaf/current/main.js plan")).stdout).toBe(
      "nothing to do\n",
    );
    const downloads = () => [
      world.standIn.seen.filter(({ service, action }) => service === "s3" && action === "GET").length,
      world.registry.seen.length,
    ];
    const before = downloads();
    node.stop();
    node.start();
    await reached(node, "healthy answer", 240_000, async () => (await node.healthz()) === 200);
    await booted(node, 60_000);
    expect(downloads()).toEqual(before);
  });
});
