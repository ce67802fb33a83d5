import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const SOURCES = ["package-lock.json", "build", "next.config.ts", "tsconfig.json", "src", "server", "public"];

/** The build's name: a hash of everything it is made from, so that equal sources give equal images. */
export function readBuildId(root: string): string {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap((name) => listFiles(root, name)).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 20);
}

function listFiles(root: string, name: string): string[] {
  const full = path.join(root, name);
  try {
    return readdirSync(full, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOTDIR") return [name];
    if (code === "ENOENT") return [];
    throw error;
  }
}
