import { globSync, readFileSync } from "node:fs";
import { dirname, join, matchesGlob, relative } from "node:path";
import { expect, test } from "vitest";
import notImported from "./not-imported.json" with { type: "json" };

const ROOT = join(import.meta.dirname, "..", "..");
const CODE = "{scripts,node-agent/src,images/*/src,tests}/**/*.{ts,tsx}";
const isTest = (file: string): boolean => file.endsWith(".test.ts");

const files = new Map(
  globSync(CODE, { cwd: ROOT, exclude: (path) => path.includes("node_modules") || path.includes(".next") })
    .filter((file) => !file.endsWith(".d.ts"))
    .map((file) => [file, readFileSync(join(ROOT, file), "utf8")] as const),
);
const sources = [...files.keys()].filter((file) => !file.startsWith("tests/") && !isTest(file)).sort();

/** The file of this project that an import names; undefined for a package. */
function fileOf(from: string, name: string): string | undefined {
  if (!name.startsWith(".")) return undefined;
  const path = relative(ROOT, join(ROOT, dirname(from), name));
  return [path, `${path}.ts`, `${path}.tsx`, path.replace(/\.js$/, ".ts")].find((each) => files.has(each));
}

/** What is there while some test runs: imports, at once or later, and what those import. */
function loadedByTests(): ReadonlySet<string> {
  const loaded = new Set([...files.keys()].filter(isTest));
  for (const file of loaded)
    for (const [, name = ""] of (files.get(file) ?? "").matchAll(/\b(?:from|import|import\()\s*"([^"]+)"/g)) {
      const found = fileOf(file, name);
      if (found !== undefined) loaded.add(found);
    }
  return loaded;
}

const loaded = loadedByTests();
const excuses = Object.values(notImported).flat();
// A place of a route may have brackets in its name.
const names = (pattern: string, file: string): boolean =>
  pattern.includes("*") ? matchesGlob(file, pattern) : file === pattern;
const isExcused = (file: string): boolean => excuses.some((pattern) => names(pattern, file));

test("every source file is loaded by a test, or listed with the reason why it is tested as a program or in its image", () => {
  expect(sources.length).toBeGreaterThan(600);
  expect(sources.filter((file) => !loaded.has(file) && !isExcused(file))).toEqual([]);
});

test("the list holds no file that is gone, and none that a test loads", () => {
  const untested = sources.filter((file) => !loaded.has(file));
  expect(excuses.filter((pattern) => !untested.some((file) => names(pattern, file)))).toEqual([]);
});
