import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instancesMissing } from "./machine-images.ts";
import { bootWorld, ENVIRONMENT, expectDone, type World } from "./world.ts";

const missing = instancesMissing();
const because = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`a release${because}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await bootWorld("release");
  });
  afterAll(() => world?.close());

  test("the same commit published twice is the same release, and the second time says so", async () => {
    const first = await expectDone(world.greenleaf("release", "--env", ENVIRONMENT));
    const document = await world.parameter(`/greenleaf/${ENVIRONMENT}/release`);
    expect(Buffer.byteLength(document ?? "")).toBeLessThanOrEqual(4096);
    const second = await expectDone(world.greenleaf("release", "--env", ENVIRONMENT));
    expect(second.stdout).toBe(first.stdout);
    expect(second.stderr).toContain("nothing changed");
    expect(await world.parameter(`/greenleaf/${ENVIRONMENT}/release`)).toBe(document);
    expect(await world.parameter(`/greenleaf/${ENVIRONMENT}/previous`)).toBeUndefined();
  });
});
