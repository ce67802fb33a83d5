import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { generatedPages, REPOSITORY } from "../../scripts/docs/pages.ts";

const pages = await generatedPages();

test.each([...pages.keys()])("%s is what the code says now (node scripts/write-docs.ts)", (path) => {
  expect(readFileSync(join(REPOSITORY, path), "utf8")).toBe(pages.get(path));
});

test("every link between pages leads to a file", () => {
  const all = globSync("{*.md,docs/**/*.md,node-agent/*.md,images/*.md}", { cwd: REPOSITORY });
  const broken = all.flatMap((page) =>
    [...readFileSync(join(REPOSITORY, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map((match) => match[1] ?? "")
      .filter((target) => !existsSync(join(REPOSITORY, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("the architecture fits in 120 lines", () => {
  expect(readFileSync(join(REPOSITORY, "ARCHITECTURE.md"), "utf8").split("\n").length).toBeLessThanOrEqual(121);
});
