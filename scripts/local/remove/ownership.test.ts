import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { type LocalWorld, localWorld } from "../world.ts";
import { claimRoot, rootState } from "./ownership.ts";

let world: LocalWorld;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ownership-"));
  world = { ...localWorld({ project: "shop" }), root: join(folder, "shop-local") };
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const put = (path: string, content: string) => {
  mkdirSync(dirname(join(world.root, path)), { recursive: true });
  writeFileSync(join(world.root, path), content);
};
const node = (project: string, root: string) =>
  JSON.stringify({ project, environment: "local", release: `file://${root}/local/release.json` });

test("a root that up claimed is ours, and claimed again stays as it is", async () => {
  expect(await rootState(world)).toBe("absent");
  await claimRoot(world);
  await claimRoot(world);
  expect(await rootState(world)).toEqual({ unlabelled: false, stackFile: undefined });
});

test("a root from before there were marks is ours by its node document, and keeps being known as one", async () => {
  put("etc/greenleaf/node.json", node("shop", world.root));
  put("local/compose.env", "# x\nGREENLEAF_STACK=/srv/checkout\n");
  const old = { unlabelled: true, stackFile: "/srv/checkout/compose/docker-compose.yml" };
  expect(await rootState(world)).toEqual(old);
  await claimRoot(world);
  expect(await rootState(world)).toEqual(old);
});

test.each([
  ["local/credentials.json", JSON.stringify({ db: {}, admin: {} })],
  ["var/lib/greenleaf/installed.json", JSON.stringify({ version: 1, packager: "apt" })],
])("a root whose up was cut off early is ours by its %s", async (path, content) => {
  put(path, content);
  expect(await rootState(world)).toMatchObject({ unlabelled: true });
});

test.each([
  ["anything", "precious/data.txt", () => "x"],
  ["a folder called local", "local/data.txt", () => "x"],
  ["a node document of another project", "etc/greenleaf/node.json", () => node("other", world.root)],
  ["a copy of another root", "etc/greenleaf/node.json", () => node("shop", "/var/lib/shop-local")],
  ["a mark of another root", "greenleaf-world.json", () => JSON.stringify({ version: 1, project: "shop", root: "/x" })],
  ["a damaged mark", "greenleaf-world.json", () => '{"version":1,'],
  ["a launcher's record, which only the default world has", "launcher-packages", () => "npm\n"],
])("a folder that holds %s is somebody else's, and up does not claim it", async (_, path, content) => {
  put(path, content());
  expect(await rootState(world)).toBe("foreign");
  await expect(claimRoot(world)).rejects.toMatchObject({ exitCode: 78 });
});

test("a link to a root is somebody else's", async () => {
  await claimRoot(world);
  const linked = { ...world, root: join(folder, "linked-local") };
  symlinkSync(world.root, linked.root);
  expect(await rootState(linked)).toBe("foreign");
});

test("an empty folder is claimed", async () => {
  mkdirSync(world.root);
  expect(await claimRoot(world)).toMatchObject({ unlabelled: false });
});
