import type { Stats } from "node:fs";
import { chmod, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const WRITE_BY_OTHERS = 0o022;
const OPEN_TO_READ = 0o755;

/**
 * Fixes what a shell's umask left behind in an earlier run: below a folder nobody but us writes to what is ours, and
 * every folder of ours can be entered. Files say for themselves who may read them.
 */
export async function fixModes(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  // What belongs to a container's user is that user's own; so is the mode of a link or a socket.
  if (found === undefined || found.uid !== process.geteuid?.() || !(found.isFile() || found.isDirectory())) return;
  const mode = wanted(found);
  if (mode !== (found.mode & 0o7777)) await chmod(path, mode);
  if (found.isDirectory()) for (const name of await readdir(path)) await fixModes(join(path, name));
}

const wanted = (found: Stats): number =>
  (found.mode & 0o7777 & ~WRITE_BY_OTHERS) | (found.isDirectory() ? OPEN_TO_READ : 0);
