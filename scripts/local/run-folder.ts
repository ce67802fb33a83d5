import { lstat, mkdir, rm, statfs, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import { TemporaryError } from "../../node-agent/src/errors.ts";
import { type LocalWorld, nodeFolder } from "./world.ts";

// linux/magic.h
const TMPFS_MAGIC = 0x01021994;

/** Rendered secrets live in memory: the node's /run/greenleaf is a link to a folder on a tmpfs. Returns that folder. */
export async function ensureRunFolder(world: LocalWorld): Promise<string> {
  const folder = `${await memoryFolder()}/${world.project}-local`;
  await mkdir(`${folder}/agent`, { recursive: true, mode: 0o755 });
  const link = nodeFolder(world, "run/greenleaf");
  await mkdir(dirname(link), { recursive: true, mode: 0o755 });
  const found = await lstat(link).catch(() => undefined);
  if (found && !found.isSymbolicLink()) await rm(link, { recursive: true });
  if (!found?.isSymbolicLink()) await symlink(folder, link);
  return folder;
}

async function memoryFolder(): Promise<string> {
  for (const folder of ["/run", "/dev/shm"]) {
    if ((await statfs(folder)).type === TMPFS_MAGIC) return folder;
  }
  throw new TemporaryError("there is no folder in memory for rendered secrets", {
    why: "neither /run nor /dev/shm is a tmpfs",
    fix: "mount -t tmpfs tmpfs /run",
  });
}
