import { readFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
/** Every lock file of this repository. */
export const LOCK_FILES = [
  "package-lock.json",
  "images/backend/package-lock.json",
  "images/storefront/package-lock.json",
];

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** The registry's word, as npm wrote it down; absent where it had none, or the registry leaves it out. */
  readonly deprecated?: string;
  /** Only for building and testing. */
  readonly isDev: boolean;
}

interface LockFile {
  readonly packages: Readonly<
    Record<
      string,
      { readonly name?: string; readonly version?: string; readonly deprecated?: string; readonly dev?: boolean }
    >
  >;
}

export async function lockedPackages(path: string): Promise<LockedPackage[]> {
  return packagesIn(await readFile(join(ROOT, path), "utf8"));
}

/** The packages of a lock file, each version once. */
export function packagesIn(text: string): LockedPackage[] {
  const { packages } = JSON.parse(text) as LockFile;
  const found = new Map<string, LockedPackage>();
  for (const [path, { name, version, deprecated, dev }] of Object.entries(packages)) {
    const folder = path.lastIndexOf("node_modules/");
    if (folder === -1 || version === undefined) continue;
    const known = name ?? path.slice(folder + "node_modules/".length);
    const isDev = dev === true && found.get(`${known}@${version}`)?.isDev !== false;
    found.set(`${known}@${version}`, {
      name: known,
      version,
      isDev,
      ...(deprecated === undefined ? {} : { deprecated }),
    });
  }
  return [...found.values()];
}
