import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import * as paths from "../../node-agent/src/base/paths.ts";
import { parseNodeDocument } from "../../node-agent/src/core/config/node-document.ts";
import { SYSCTLS_PATH } from "../../node-agent/src/core/install/plan.ts";
import { routerDocument } from "../../node-agent/src/core/router/document.ts";
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
const UNTOLD: ReadonlySet<string> = new Set([
  paths.ENGINE_LOG,
  paths.FLOWS_FOLDER,
  paths.FOREIGN_PACKAGES_FOLDER,
  paths.INSTALL_SWAP_PATH,
  paths.PRIOR_STATE_COPY_PATH,
]);
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

test.each(Object.values(paths).filter((path) => !UNTOLD.has(path)))("a page tells of %s", (path) => {
  expect(told.some((one) => one === path || one.startsWith(`${path}/`))).toBe(true);
});

test.each([...new Set(told)])("%s, which a page tells of, is where the agent has it", (path) => {
  // What comes after a placeholder lies in a folder that is ours.
  const [fixed = ""] = path.split(/[<*]/);
  const folders = OWN.flatMap((one) => [`${one}/`, `${dirname(one)}/`]);
  const isOwn = fixed === path ? OWN.includes(path) : folders.includes(fixed.slice(0, fixed.lastIndexOf("/") + 1));
  expect(isOwn).toBe(true);
});

const pageText = (path: string): string => readFileSync(join(REPOSITORY, path), "utf8");
const documentIn = (path: string): string => /```json\n(\{[^]*?)```/.exec(pageText(path))?.[1] ?? "";

test("the node documents that pages show are taken", () => {
  const shown = documentIn("node-agent/README.md");
  const node = JSON.parse(shown) as object;
  expect(parseNodeDocument(shown, "the page")).toMatchObject(node);
  const { router, role } = JSON.parse(documentIn("docs/router.md")) as {
    role: string;
    router: { zones: Array<Record<string, unknown>> };
  };
  // What the page leaves out is written as "...": here the other zone is the first one again.
  const zones = router.zones.map((zone) => ("..." in zone ? { ...router.zones[0], name: zone.name } : zone));
  const whole = { ...node, role, router: { ...router, zones } };
  expect(parseNodeDocument(JSON.stringify(whole), "the page")).toMatchObject({ role: "router" });
  expect(Object.keys(routerDocument.shape).toSorted()).toEqual(Object.keys(router).toSorted());
});

test("SECURITY's scanner is given every image that is shipped and runs", () => {
  const bake = pageText("images/docker-bake.hcl");
  const shipped = [...(/group "default" \{\s+targets = \[(.*)\]/.exec(bake)?.[1] ?? "").matchAll(/"([a-z]+)"/g)];
  const names = /^for i in ([a-z ]+); do trivy image/m.exec(pageText("SECURITY.md"))?.[1]?.split(" ");
  expect(names).toEqual(shipped.map(([, name]) => name).filter((name) => name !== "base" && name !== "node"));
});

test.each(["ARCHITECTURE.md", "docs/guide.md", "SECURITY.md", "CONTRIBUTING.md", "tests/README.md"])(
  "every file that %s names by its path is there",
  (page) => {
    const folders = "caddy|compose|docs|images|node-agent|packer|scripts|terraform|tests";
    const named = [...pageText(page).matchAll(new RegExp(`\`((?:${folders})/[\\w./*{},-]+)\``, "g"))];
    const paths = [...new Set(named.map(([, path = ""]) => path))];
    expect(paths.length).toBeGreaterThan(1);
    // From the top, or from where the page is.
    const isThere = (path: string) =>
      globSync(
        [path, join(dirname(page), path)].map((one) => one.replace(/\/$/, "")),
        { cwd: REPOSITORY },
      ).length > 0;
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  },
);

test("README shows the steps of `up` in their order, under their titles", () => {
  const titles = [...pageText("scripts/local/bring-up.ts").matchAll(/progress\.step\("([^"]+)"/g)];
  const shown = [...pageText("README.md").matchAll(/^ {4}✓ (.+?) {2}[\d.]+ s$/gm)];
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.map(([, title]) => title)).toEqual(titles.map(([, title]) => title));
});
