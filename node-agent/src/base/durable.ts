import { chmod, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

export const OPEN_TO_READ = 0o755;

/** Makes a folder and those above it that are missing, with exactly this mode whatever the umask. */
export async function makeFolder(path: string, mode = OPEN_TO_READ): Promise<void> {
  const folder = resolve(path);
  const first = await mkdir(folder, { recursive: true, mode });
  if (first === undefined) return;
  for (let at = folder; at.length >= first.length; at = dirname(at)) await chmod(at, mode);
}

/**
 * Makes a file, folder or link under another name and puts it into its place by a rename: after a power cut it is there
 * as a whole or not at all. `make` itself brings what it writes to the disk.
 */
export async function putWhole(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.placing`;
  await rm(temporary, { recursive: true, force: true });
  await makeFolder(dirname(target));
  try {
    await make(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await sync(dirname(target));
}

/** Writes a new file to the disk, with exactly this mode; makes the folder it is in. */
export async function writeDurably(path: string, content: Uint8Array, mode = 0o644): Promise<void> {
  await makeFolder(dirname(path));
  // "x" is O_EXCL: a link planted under this name must not receive the bytes.
  const file = await open(path, "wx", mode);
  try {
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Lets every user into a folder and those below it, whatever this process's umask; their entries reach the disk. */
export async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
  await sync(folder);
}

/** Brings a file, or a folder's entries after a rename, to the disk. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function absentAs<T, A>(fallback: A, read: () => Promise<T>): Promise<T | A> {
  try {
    return await read();
  } catch (error) {
    if (isCode(error, "ENOENT") || isCode(error, "ENOTDIR")) return fallback;
    throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
