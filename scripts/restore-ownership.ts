import { lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * What a command under sudo made in somebody's checkout is theirs: the next command, without sudo, writes beside it.
 * Only what root made is handed over, and no link is followed.
 */
export async function restoreOwnership(
  checkout: string,
  made: readonly string[] = ["dist", "node_modules"],
): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const owner = await lstat(checkout);
  if (owner.uid === 0) return;
  for (const name of made) await handOver(join(checkout, name), owner);
}

async function handOver(path: string, { uid, gid }: Owner): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  const isFolder = found.isDirectory();
  if (isFolder) for (const name of await readdir(path)) await handOver(join(path, name), { uid, gid });
  // A second name of a file may lie where root alone may write.
  if (found.uid === 0 && (isFolder || found.nlink === 1)) await lchown(path, uid, gid);
}
