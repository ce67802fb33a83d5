// Fails unless npm installed exactly what package-lock.json names: the half of `npm ci` that `npm install` leaves out.
// `npm ci` itself refuses a lock file from a registry that does not serve the packages of other platforms.
import { readFileSync } from "node:fs";

type Packages = Readonly<Record<string, { readonly version: string; readonly integrity?: string }>>;

const packagesOf = (file: string) => (JSON.parse(readFileSync(file, "utf8")) as { packages: Packages }).packages;
const locked = packagesOf("package-lock.json");
const installed = Object.entries(packagesOf("node_modules/.package-lock.json"));

const strangers = installed.filter(([name, { version, integrity }]) => {
  const lock = locked[name];
  return lock?.integrity === undefined || lock.version !== version || lock.integrity !== integrity;
});
if (strangers.length > 0) throw new Error(`not as locked: ${strangers.map(([name]) => name).join(", ")}`);
process.stdout.write(`${installed.length} packages are as locked\n`);
