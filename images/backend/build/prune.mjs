// Usage: node build/prune.mjs APP. Deletes from APP/node_modules what build/left-out.mjs lists, and fails if a file
// that is not known to be dead still asks for it.
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { deadFiles, leftOut, mayAsk } from "./left-out.mjs";

const app = process.argv[2];
const modules = join(app, "node_modules");
const packages = new Set(leftOut.flatMap((group) => group.packages));
const edges = Object.assign({}, ...leftOut.map((group) => group.edges));
const scopes = leftOut.flatMap((group) => group.scopes ?? []);
const keep = new Set(leftOut.flatMap((group) => group.keep ?? []));

const isLeftOut = (name) => packages.has(name) || (scopes.includes(name.split("/")[0]) && !keep.has(name));

/** The folder that `require(name)` finds from inside `folder`, as Node looks for it. */
function find(name, folder) {
  for (let at = folder; at.startsWith(app); at = dirname(at)) {
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

/** Every package folder below `folder`, nested ones included. */
function* packageFolders(folder) {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const path = join(folder, name);
    if (name.startsWith(".")) continue;
    if (name.startsWith("@")) yield* packageFolders(path);
    else {
      yield path;
      yield* packageFolders(join(path, "node_modules"));
    }
  }
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

const sizeOf = (folder) => [...files(folder)].reduce((sum, path) => sum + lstatSync(path).size, 0);
const before = sizeOf(modules);

const reached = new Set();
reach(app, reached);
const unreached = [...packageFolders(modules)].filter((folder) => !reached.has(folder));
for (const name of packages) {
  if (!existsSync(join(modules, name))) console.warn(`prune: ${name} is left out but was not there`);
}
for (const folder of unreached) {
  // A nested package that is needed keeps the folder around it; only the outer package's own files go.
  const needed = [...reached].some((kept) => kept.startsWith(`${folder}/`));
  if (!needed) rmSync(folder, { recursive: true, force: true });
}
for (const path of [...files(modules)]) {
  const name = relative(modules, path);
  if (deadFiles.some((pattern) => pattern.test(name))) rmSync(path);
}
// Links to command lines, and npm's note of what it installed.
rmSync(join(modules, ".bin"), { recursive: true, force: true });
rmSync(join(modules, ".package-lock.json"), { force: true });
removeEmpty(modules);

const gone = new Set(
  unreached.map((folder) => folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length)),
);
const broken = [...files(modules)].flatMap(brokenRequires);
if (broken.length > 0) throw new Error(`prune: left out, but still asked for:\n${broken.join("\n")}`);

function brokenRequires(path) {
  const name = relative(modules, path);
  if (!/\.[cm]?js$/.test(path) || mayAsk.some((pattern) => pattern.test(name))) return [];
  const asked = readFileSync(path, "utf8").matchAll(/\b(?:require|import)\(\s*["']([^"'.][^"']*)["']\s*\)/g);
  return [...asked].flatMap(([, wanted]) => {
    const owner = wanted
      .split("/")
      .slice(0, wanted.startsWith("@") ? 2 : 1)
      .join("/");
    if (!gone.has(owner) || find(owner, dirname(path))) return [];
    return [`${name} asks for ${wanted}`];
  });
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
console.log(`prune: ${unreached.length} packages left out, ${megabytes(before)} became ${megabytes(sizeOf(modules))}`);
