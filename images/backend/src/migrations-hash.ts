import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Written when the image is built; the same value stands in its label io.greenleaf.migrations. */
const hashFile = "migrations-hash";

/** The hash over all migrations inside the image at `root`. */
export function shippedMigrations(root: string): string {
  return readFileSync(join(root, hashFile), "utf8").trim();
}
