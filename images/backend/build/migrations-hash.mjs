// Usage: node build/migrations-hash.mjs APP. Prints the hash over everything in APP that changes tables or rewrites
// rows: migrations, migration scripts, and the links that Medusa makes tables of. The path of each file and its bytes
// count, nothing else: two images with the same migrations have the same hash.
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const app = process.argv[2];
const kinds = [
  "node_modules/@medusajs/*/dist/migrations/**/*.js",
  "node_modules/@medusajs/*/dist/migration-scripts/*.js",
  "node_modules/@medusajs/link-modules/dist/definitions/**/*.js",
  "node_modules/@medusajs/*/.medusa/server/src/{links,migration-scripts}/*.js",
  "src/{links,migration-scripts}/*.js",
  "src/modules/*/migrations/*.js",
];

const names = globSync(kinds, { cwd: app }).toSorted();
if (names.length < 100) throw new Error(`only ${names.length} migrations were found: Medusa must have moved them`);
const hash = createHash("sha256");
for (const name of names) {
  const file = createHash("sha256")
    .update(readFileSync(join(app, name)))
    .digest("hex");
  hash.update(`${file}  ${name}\n`);
}
console.log(hash.digest("hex"));
