import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import * as paths from "../../node-agent/src/base/paths.ts";
import { SYSCTLS_PATH } from "../../node-agent/src/core/install/plan.ts";
import { persistedFiles } from "../../node-agent/src/core/router/nat/persistence.ts";
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

/** Gone when the work is over, or of versions up to 1; `before.json` is named as a copy of the other. */
const UNTOLD: readonly string[] = [
  paths.ENGINE_LOG,
  paths.FLOWS_FOLDER,
  paths.FOREIGN_PACKAGES_FOLDER,
  paths.INSTALL_SWAP_PATH,
  paths.PRIOR_STATE_COPY_PATH,
];
const OWN: readonly string[] = [
  ...Object.values(paths),
  SYSCTLS_PATH,
  ...persistedFiles({ vpc: [], zones: [{ name: "a", sources: [] }] }, 0, { ipv4Restore: "", ipv6Restore: "" }).map(
    ({ path }) => path,
  ),
];
/** The pages that say where a node keeps its things. */
const told = ["node-agent/README.md", "docs/router.md"]
  .map((page) => readFileSync(join(REPOSITORY, page), "utf8"))
  .flatMap((text) => [...text.matchAll(/`(\/(?:etc|opt|usr|var|run)\/[^`\s]+)`/g)].map(([, path = ""]) => path));

test.each(Object.values(paths).filter((path) => !UNTOLD.includes(path)))("a page tells of %s", (path) => {
  expect(told.some((one) => one === path || one.startsWith(`${path}/`))).toBe(true);
});

test.each([...new Set(told)])("%s, which a page tells of, is where the agent has it", (path) => {
  // What comes after a placeholder lies in a folder that is ours.
  const [fixed = ""] = path.split(/[<*]/);
  const folders = OWN.flatMap((one) => [`${one}/`, `${dirname(one)}/`]);
  const isOwn = fixed === path ? OWN.includes(path) : folders.includes(fixed.slice(0, fixed.lastIndexOf("/") + 1));
  expect(isOwn).toBe(true);
});
