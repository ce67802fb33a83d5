import { chmod, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Makes a file, folder or link under another name and puts it into its place by a rename: after a power cut it is there
 * as a whole or not at all. `make` itself brings what it writes to the disk.
 */
export async function putWhole(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.placing`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  try {
    await make(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await sync(dirname(target));
}

/** Writes a file of a folder that is being made, with exactly this mode, to the disk. */
export async function writeDurably(path: string, content: Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(content);
    await file.chmod(mode);
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
