import { globSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { expect, test } from "vitest";
import config from "../../vitest.config.ts";
import { GROUPS } from "./groups.ts";
import { readMinimums } from "./minimums.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const names = GROUPS.map(({ name }) => name).toSorted();
const projects = (config.test?.projects ?? []) as ReadonlyArray<{ test: { name: string; include: string[] } }>;

test("every group is a project of vitest's, and has its minimum", async () => {
  expect(projects.map((project) => project.test.name).toSorted()).toEqual(names);
  expect(Object.keys(await readMinimums()).toSorted()).toEqual(names);
});

test("every test file belongs to a group", () => {
  const files = globSync("{node-agent,scripts,tests,images,caddy,packer,terraform,compose}/**/*.test.ts", {
    cwd: ROOT,
    exclude: (path) => path.includes("node_modules"),
  });
  const patterns = projects.flatMap((project) => project.test.include);
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => !patterns.some((pattern) => matchesGlob(file, pattern)))).toEqual([]);
});
