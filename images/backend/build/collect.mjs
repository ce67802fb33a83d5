// Usage: node build/collect.mjs FROM TO. Copies the packages that the app in FROM loads to TO/node_modules, without what
// build/left-out.mjs lists, and fails if a file that is not known to be dead still asks for something left out.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { deadFiles, leftOut, licences, mayAsk } from "./left-out.mjs";

const [from, to] = process.argv.slice(2);
const modules = join(from, "node_modules");
const packages = new Set(leftOut.flatMap((group) => group.packages));
const edges = Object.assign({}, ...leftOut.map((group) => group.edges));
const scopes = leftOut.flatMap((group) => group.scopes ?? []);
const keep = new Set(leftOut.flatMap((group) => group.keep ?? []));

const isLeftOut = (name) => packages.has(name) || (scopes.includes(name.split("/")[0]) && !keep.has(name));

/** The folder that `require(name)` finds from inside `folder`, as Node looks for it. */
function find(name, folder) {
  for (let at = folder; at.startsWith(from); at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
  }
  return undefined;
}

function reach(folder, reached) {
  if (reached.has(folder)) return;
  reached.add(folder);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const asked = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
  const wanted = (name) => !isLeftOut(name) && (edges[manifest.name]?.includes(name) ?? true);
  for (const name of Object.keys(asked).filter(wanted)) {
    const found = find(name, folder);
    if (found) reach(found, reached);
  }
}

/** The files of one package, without those of the packages nested in it. */
function* filesOf(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) yield path;
    else if (entry.name !== "node_modules") yield* filesOf(path);
  }
}

/** The left-out packages that the file `path` asks for by a literal name. */
function askedInVain(path) {
  const name = relative(modules, path);
  if (!/\.[cm]?js$/.test(path) || mayAsk.some((pattern) => pattern.test(name))) return [];
  const asked = readFileSync(path, "utf8").matchAll(/\b(?:require|import)\(\s*["']([^"'.][^"']*)["']\s*\)/g);
  return [...asked].flatMap(([, wanted]) => {
    const parts = wanted.split("/");
    const found = find(parts.slice(0, wanted.startsWith("@") ? 2 : 1).join("/"), dirname(path));
    return found && !reached.has(found) ? [`${name} asks for ${wanted}`] : [];
  });
}

const reached = new Set();
reach(from, reached);
reached.delete(from);
const files = [...reached].flatMap((folder) => [...filesOf(folder)]);
const isDead = (name) => !licences.test(name) && deadFiles.some((pattern) => pattern.test(name));
const live = files.filter((path) => !isDead(relative(modules, path)));

const missing = live.flatMap(askedInVain);
if (missing.length > 0) throw new Error(`left out, but still asked for:\n${missing.join("\n")}`);

let bytes = 0;
for (const path of live) {
  const target = join(to, relative(from, path));
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(path, target);
  bytes += statSync(path).size;
}

// Before it migrates, Medusa makes this folder in each of its modules that has none; the image is read-only by then.
for (const folder of [...reached].filter((path) => relative(modules, path).startsWith("@medusajs/"))) {
  if (existsSync(join(folder, "dist")))
    mkdirSync(join(to, relative(from, folder), "dist", "migrations"), { recursive: true });
}
// The migrator makes the folder of a module that has no migrations, and the image's root is read-only.
for (const folder of [...reached].filter((folder) => relative(modules, folder).startsWith("@medusajs/"))) {
  const dist = join(to, relative(from, folder), "dist");
  if (existsSync(dist)) mkdirSync(join(dist, "migrations"), { recursive: true });
}
console.log(`collect: ${reached.size} packages, ${live.length} files, ${(bytes / 1e6).toFixed(0)} MB`);
