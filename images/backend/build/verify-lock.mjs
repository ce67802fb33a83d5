// Usage: node build/verify-lock.mjs. Fails unless npm installed exactly what package-lock.json names. The part of
// `npm ci` that is missed with `npm install`, which the Dockerfile has to use: where a registry does not serve packages
// of other platforms the lock file does not know them, and `npm ci` refuses it for that.
import { readFileSync } from "node:fs";

const packagesOf = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
const locked = packagesOf("package-lock.json");
const installed = packagesOf("node_modules/.package-lock.json");

const strangers = Object.entries(installed).filter(([path, { version, integrity }]) => {
  const lock = locked[path];
  return lock?.version !== version || lock.integrity === undefined || lock.integrity !== integrity;
});
if (strangers.length > 0) {
  throw new Error(
    `not as package-lock.json says: ${strangers.map(([path, { version }]) => `${path} ${version}`).join(", ")}`,
  );
}
console.log(`verify-lock: ${Object.keys(installed).length} packages are as locked`);
