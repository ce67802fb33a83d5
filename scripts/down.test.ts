import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { bringDown } from "./down.ts";
import { claimRoot } from "./local/remove/ownership.ts";
import { type LocalWorld, localWorld } from "./local/world.ts";

const WISH = { purge: true, confirmed: false, keepImages: false };

let world: LocalWorld;
let folder: string;
let isTerminal: boolean | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-down-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  world = { ...localWorld({ project: "downtest", port: "18480" }), root: join(folder, "root") };
  // No engine answers where there is no program to ask it with.
  vi.stubEnv("PATH", folder);
  isTerminal = process.stdin.isTTY;
  process.stdin.isTTY = false;
});
afterEach(() => {
  vi.unstubAllEnvs();
  Object.assign(process.stdin, { isTTY: isTerminal });
});

test("down --purge asks; where nobody can answer it refuses, and touches nothing", async () => {
  await claimRoot(world);
  writeFileSync(join(world.root, "pictures"), "of plants");
  const before = readdirSync(world.root);
  const failure = await bringDown(world, WISH).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: "usage.confirm",
    exitCode: 64,
    fix: "say it with the command: sudo ./greenleaf down --purge --yes --project downtest --port 18480",
  });
  expect(readdirSync(world.root)).toEqual(before);
});

test("where there is nothing of ours nothing is asked, and a stranger's folder stays", async () => {
  expect(await bringDown(world, WISH)).toBe(0);
  world = { ...world, root: join(folder, "theirs") };
  await claimRoot({ ...world, project: "another" });
  expect(await bringDown(world, { ...WISH, confirmed: true })).toBe(0);
  expect(existsSync(join(world.root, "greenleaf-world.json"))).toBe(true);
});
