import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { imageOf, problemsOf, readApplication } from "./own-storefront.ts";

const MANIFEST = JSON.stringify({ dependencies: { next: "16.4.3" }, scripts: { build: "next build" } });
const CONFIG = 'export default { output: "standalone" };';

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenleaf-storefront-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

const APPLICATION = { "package.json": MANIFEST, "package-lock.json": "{}", "next.config.ts": CONFIG };

test("an application is its files, without what tools made and what is of this machine alone", async () => {
  const left = { ".env.local": "KEY=1", ".env.production.local": "KEY=1", "node_modules/next/x.js": "", ".next/y": "" };
  await write({ ...APPLICATION, ".env.production": "NEXT_PUBLIC_A=1", "app/page.tsx": "", ...left });
  const { files } = await readApplication(folder);
  expect(files.map(({ name }) => name).sort()).toEqual(
    [".env.production", "app/page.tsx", ...Object.keys(APPLICATION)].sort(),
  );
});

test("whoever names a folder that holds none is told all that is missing", async () => {
  await write({ "package.json": "{}" });
  const failure = await readApplication(folder).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "usage.storefront", exitCode: 64 });
  expect((failure as { why: string }).why.split("; ")).toHaveLength(4);
  await expect(readApplication(join(folder, "nowhere"))).rejects.toMatchObject({ why: "it holds no package.json" });
});

test.each([
  ["no next", { manifest: '{"scripts":{"build":"vite build"}}' }, "names no dependency next"],
  ["no script", { manifest: '{"dependencies":{"next":"16.4.3"}}' }, "has no script build"],
  ["no JSON", { manifest: "{" }, "names no dependency next"],
  ["no lock file", { hasLock: false }, "no package-lock.json"],
  ["another output", { config: 'export default { output: "export" }' }, 'output: "standalone"'],
  ["no config", { config: undefined }, 'output: "standalone"'],
])("%s is a reason", (_, change, reason) => {
  const found = { manifest: MANIFEST, hasLock: true, config: "const c = { output : 'standalone' }", ...change };
  expect(problemsOf(found).join("; ")).toContain(reason);
});

test("any of the ways to write it down is understood", () => {
  const config = "/** @type {import('next').NextConfig} */\nmodule.exports = {\n  output: `standalone`,\n}";
  expect(problemsOf({ manifest: MANIFEST, hasLock: true, config })).toEqual([]);
});

test("of a release only the storefront is another image", () => {
  const own = { folder: "/srv/mine", files: [] };
  expect(["backend", "storefront", "caddy"].map((service) => imageOf(service, own))).toEqual([
    "backend",
    "own-storefront",
    "caddy",
  ]);
  expect(imageOf("storefront", undefined)).toBe("storefront");
});
