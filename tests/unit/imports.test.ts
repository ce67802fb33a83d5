import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const AGENT = join(import.meta.dirname, "..", "..", "node-agent", "src");

/** What a source loads when it is loaded, and what it loads later; types are gone by then. */
function importsOf(file: string): { readonly eager: readonly string[]; readonly later: readonly string[] } {
  const text = readFileSync(join(AGENT, file), "utf8");
  const whole = [...text.matchAll(/^(?:import|export)\s+(?!type\b)([^;]*?)\s*from\s+"([^"]+)"/gm)];
  const eager = whole.filter(([, names = ""]) => !isTypesAlone(names)).map(([, , from = ""]) => from);
  const bare = [...text.matchAll(/^import\s+"([^"]+)"/gm)].map(([, from = ""]) => from);
  const later = [...text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g)].map(([, from = ""]) => from);
  return { eager: [...eager, ...bare], later };
}

const isTypesAlone = (names: string): boolean =>
  names.startsWith("{") &&
  names
    .slice(1, -1)
    .split(",")
    .filter((name) => name.trim() !== "")
    .every((name) => name.trim().startsWith("type "));

const packageOf = (from: string): string | undefined => {
  if (from.startsWith(".") || from.startsWith("node:")) return undefined;
  const [scope = "", name] = from.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
};

const files = globSync("**/*.ts", { cwd: AGENT }).filter((file) => !/\.(test|d)\.ts$/.test(file));

/** The npm packages that files of a folder may import themselves, at once or later. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  base: [],
  core: ["handlebars", "yaml", "zod"],
  adapters: ["@aws-sdk/client-secrets-manager", "@aws-sdk/client-ssm", "@smithy/signature-v4", "dockerode", "pg"],
  phases: [],
  daemon: [],
  cli: [],
};

test("phases, the daemon and the commands import no npm package: the world is their only way outside", () => {
  const wrong = files.flatMap((file) => {
    const { eager, later } = importsOf(file);
    const packages = [...eager, ...later].flatMap((from) => packageOf(from) ?? []);
    const allowed = ALLOWED[file.split("/")[0] ?? ""] ?? [];
    return packages.filter((name) => !allowed.includes(name)).map((name) => `${file} imports ${name}`);
  });
  expect(wrong).toEqual([]);
});

/** Everything that is in memory once a file is loaded. */
function loaded(file: string, seen: Set<string>): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const from of importsOf(file).eager) {
    const name = packageOf(from);
    if (name !== undefined) seen.add(name);
    else if (from.endsWith(".ts")) loaded(join(dirname(file), from), seen);
  }
  return seen;
}

test("what stays running loads no client of AWS, no Docker client and no database client", () => {
  const daemon = files.filter(
    (file) => file.startsWith("daemon/") || file === "world.ts" || file === "cli/node/serve.ts",
  );
  expect(daemon).toContain("daemon/daemon.ts");
  const inMemory = daemon.reduce((seen, file) => loaded(file, seen), new Set<string>());
  expect([...inMemory].filter((name) => /^@aws-sdk\/|^dockerode$|^pg$|^handlebars$|^yaml$/.test(name))).toEqual([]);
});

test("a client of AWS is loaded by one adapter each, and by nothing before its first call", () => {
  const eager = files.filter((file) => importsOf(file).eager.some((from) => from.startsWith("@aws-sdk/")));
  expect(eager.toSorted()).toEqual(["adapters/aws/sdk/parameters-sdk.ts", "adapters/aws/sdk/secrets-sdk.ts"]);
  for (const sdk of eager) {
    const name = sdk.slice("adapters/aws/".length);
    const users = files.filter((file) => importsOf(file).eager.some((from) => from.endsWith(`/${name}`)));
    expect(users).toEqual([]);
  }
});

test("a command that only asks, as status does, is loaded without any package", () => {
  const packages = [...loaded("main.ts", new Set<string>())].filter((name) => !name.endsWith(".ts"));
  expect(packages.filter((name) => !name.startsWith("node:"))).toEqual([]);
});
