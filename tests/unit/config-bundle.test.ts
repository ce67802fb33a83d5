import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildAgent } from "../../scripts/build-agent.ts";

const base = mkdtempSync(join(tmpdir(), "greenleaf-bundle-"));
const folder = join(base, "one");
beforeAll(() => buildAgent(folder));
afterAll(() => rmSync(base, { recursive: true }));

const filesIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("cache") && statSync(join(root, name)).isFile())
    .sort((a, b) => (a < b ? -1 : 1));
const digests = (root: string) =>
  filesIn(root).map((name) => [
    name,
    createHash("sha256")
      .update(readFileSync(join(root, name)))
      .digest("hex"),
  ]);
const agent = (...args: string[]): string =>
  execFileSync(process.execPath, [join(folder, "main.js"), ...args], { encoding: "utf8", env: { NODE_DEBUG: "" } });

test("two builds of the same sources are the same bytes", async () => {
  await buildAgent(join(base, "two"));
  expect(digests(join(base, "two"))).toEqual(digests(folder));
});

test("the bundle starts, and keeps its compile cache beside itself", () => {
  expect(agent("--help")).toContain("greenleaf-agent render");
  expect(readdirSync(join(folder, "cache"))).not.toEqual([]);
});

test("its compile cache is nobody else's to write, and one that was is thrown away", () => {
  const cache = join(folder, "cache");
  rmSync(cache, { recursive: true, force: true });
  const before = process.umask(0o000);
  try {
    agent("--help");
    expect(openToWriters(cache)).toEqual([]);
    chmodSync(cache, 0o777);
    writeFileSync(join(cache, "planted"), "");
    agent("--help");
  } finally {
    process.umask(before);
  }
  expect([openToWriters(cache), readdirSync(cache).includes("planted")]).toEqual([[], false]);
});

const openToWriters = (root: string): string[] =>
  [root, ...readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => join(root, name))].filter(
    (path) => (statSync(path).mode & 0o022) !== 0,
  );

test("it is at most 2 MB compressed, without source maps", () => {
  const names = filesIn(folder);
  const packed = names.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
  expect(packed).toBeLessThan(2_000_000);
  expect(
    names.filter(
      (name) => name.endsWith(".map") || readFileSync(join(folder, name), "utf8").includes("sourceMappingURL="),
    ),
  ).toEqual([]);
});

/** The files that are there once this one is loaded. */
function loadedWith(entry: string): string[] {
  const seen = new Set([entry]);
  for (const name of seen)
    for (const [, next = ""] of readFileSync(join(folder, name), "utf8").matchAll(/(?:from|import)"\.\/([\w.-]+)"/g))
      seen.add(next);
  return [...seen];
}

const holding = (mark: string): string[] =>
  filesIn(folder).filter((name) => name.endsWith(".js") && readFileSync(join(folder, name), "utf8").includes(mark));

test("a command that only asks reads two files, and loads no HTTP of Node's", () => {
  expect(loadedWith("agent.js").sort()).toEqual(["agent.js", "eager.js"]);
  const hook = join(base, "hook.cjs");
  writeFileSync(hook, "process.on('exit', () => process.stderr.write(process.moduleLoadList.join('\\n')));");
  const { stderr } = spawnSync(
    process.execPath,
    ["--require", hook, join(folder, "main.js"), "status", "--root", base],
    {
      encoding: "utf8",
    },
  );
  const loaded = stderr.split("\n");
  expect(loaded).toContain("NativeModule net");
  expect(loaded.filter((name) => /^NativeModule (_?http|https|tls|zlib|crypto)/.test(name))).toEqual([]);
});

test("what only a boot needs is in one file, which the daemon does not load", () => {
  expect(holding("this release is not on the machine")).toEqual(["boot.js"]);
  const daemon = holding("<!doctype html>");
  expect(daemon).not.toEqual([]);
  expect(daemon.flatMap(loadedWith)).not.toContain("boot.js");
});

test("what every command loads holds neither an SDK client nor a parser of templates or Compose files", () => {
  const seen = new Set<string>();
  const follow = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = readFileSync(join(folder, name), "utf8");
    for (const [, next] of text.matchAll(/(?:from|import)"\.\/([\w.-]+)"/g)) follow(next!);
  };
  follow("agent.js");
  const eager = [...seen].map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  const heavy = [
    "com.amazonaws.ssm",
    "com.amazonaws.secretsmanager",
    "ContentStatement",
    "prototype.getContainer",
    "YAMLParseError",
  ];
  expect(heavy.filter((mark) => eager.includes(mark))).toEqual([]);
  const all = filesIn(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
  expect(heavy.filter((mark) => !all.includes(mark))).toEqual([]);
});
