import { readlink, rm, statfs, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../node-agent/src/base/durable.ts";
import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { claimFolder } from "../../node-agent/src/base/own-folder.ts";
import { type LocalWorld, nodeFolder } from "./world.ts";

// linux/magic.h
const TMPFS_MAGIC = 0x01021994;

/** Rendered secrets live in memory: the node's /run/greenleaf is a link to a folder on a tmpfs. Returns that folder. */
export async function ensureRunFolder(world: LocalWorld): Promise<string> {
  const folder = `${await memoryFolder()}/${world.project}-local`;
  for (const own of [folder, `${folder}/agent`]) await claimFolder(own);
  const link = nodeFolder(world, "run/greenleaf");
  await makeFolder(dirname(link));
  if ((await readlink(link).catch(() => undefined)) !== folder) {
    await rm(link, { recursive: true, force: true });
    await symlink(folder, link);
  }
  return folder;
}

async function memoryFolder(): Promise<string> {
  for (const folder of ["/run", "/dev/shm"]) {
    if ((await statfs(folder)).type === TMPFS_MAGIC) return folder;
  }
  throw new ConfigurationError("there is no folder in memory for rendered secrets", {
    code: "world.memory-folder",
    why: "neither /run nor /dev/shm is a tmpfs",
    fix: "mount -t tmpfs tmpfs /run",
  });
}
