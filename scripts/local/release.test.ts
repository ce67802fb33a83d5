import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { REPOSITORY } from "../docs/pages.ts";
import { COMPOSE_VARIABLES, writeComposeVariables } from "./release.ts";
import { type LocalWorld, localFolder, localWorld } from "./world.ts";

const VARIABLES = { GREENLEAF_PROJECT: "greenleaf", GREENLEAF_HTTP_PORT: "8080" };
const LINES = /^# Written by `greenleaf up`.*\nGREENLEAF_PROJECT=greenleaf\nGREENLEAF_HTTP_PORT=8080\n$/;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-compose-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  path = join(folder, ".env");
});

const worldOf = (project?: string): LocalWorld => ({ ...localWorld(project ? { project } : {}), root: folder });
const read = () => readFileSync(path, "utf8");

test("docker compose finds the default world's variables by itself, beside the Compose file that README names", async () => {
  await writeComposeVariables(worldOf(), VARIABLES, path);
  expect(read()).toMatch(LINES);
  expect(readFileSync(localFolder(worldOf(), "compose.env"), "utf8")).toBe(read());
  await writeComposeVariables(worldOf(), { ...VARIABLES, MORE: "1" }, path);
  expect(read()).toMatch(/\nMORE=1\n$/);
  const [, file = ""] = /docker compose -f (\S+) up/.exec(readFileSync(join(REPOSITORY, "README.md"), "utf8")) ?? [];
  expect(COMPOSE_VARIABLES).toBe(join(REPOSITORY, file, "../.env"));
});

test("variables that somebody wrote for themselves stay", async () => {
  writeFileSync(path, "GREENLEAF_PROJECT=mine\n");
  await writeComposeVariables(worldOf(), VARIABLES, path);
  expect(read()).toBe("GREENLEAF_PROJECT=mine\n");
});

test("a second world keeps its variables to itself", async () => {
  await writeComposeVariables(worldOf("roll"), VARIABLES, path);
  expect(existsSync(path)).toBe(false);
  expect(readFileSync(localFolder(worldOf(), "compose.env"), "utf8")).toMatch(LINES);
});
