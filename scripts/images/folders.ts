import { join } from "node:path";

/** The checkout. */
export const root = join(import.meta.dirname, "..", "..");
/** What building leaves behind for people: logs, records. */
export const distFolder = join(root, "dist", "images");
export const workFolder = join(distFolder, "work");
export const secretsFolder = join(distFolder, "secrets");
