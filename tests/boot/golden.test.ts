import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenDisk } from "./golden-disk.ts";
import { goldenImage, instancesMissing } from "./machine-images.ts";
import { type FleetNode, newNode, reached } from "./node.ts";
import { bootWorld, ENVIRONMENT, expectDone, type World } from "./world.ts";

const missing = instancesMissing();
const because = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`a golden app node${because}`, () => {
  let world: World;
  let node: FleetNode;

  beforeAll(async () => {
    world = await bootWorld("golden");
    await expectDone(world.greenleaf("release", "--env", ENVIRONMENT));
    const image = await goldenImage();
    node = await newNode(world, { image, disk: await goldenDisk(world, image, await world.release()) });
  });
  afterAll(async () => {
    node?.remove();
    await world?.close();
  });

  test("goes from user_data to a healthy shop, and tells its group", async () => {
    node.start();
    await reached(node, "healthy answer", 180_000, async () => (await node.healthz()) === 200);
    expect(await node.status()).toMatchObject({ verdict: "ready", release: (await world.release()).id });
    expect(world.standIn.fleet.completions).toEqual([
      { instanceId: node.id, hook: "greenleaf-launch", result: "CONTINUE" },
    ]);
    console.log((await node.status())?.phases);
  });
});
