import type { Stats } from "node:fs";
import { chmod, lstat, readdir, readlink, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { absentAs, isCode, makeFolder, OPEN_TO_READ } from "./durable.ts";
import { ConfigurationError, PermissionError } from "./errors.ts";

const WRITABLE_BY_OTHERS = 0o022;

/**
 * Makes a folder, or takes one that is there: a real one of this user. One that an earlier run left open to writers is
 * closed, and what others put there removed; any other is refused, for its name can be guessed and its place may be
 * open to all (/dev/shm). A link of this user that leads there may stand at `path` itself.
 */
export async function claimFolder(path: string, mode = OPEN_TO_READ): Promise<void> {
  const folder = await behindLink(path);
  try {
    await makeFolder(folder, mode);
  } catch (error) {
    // What lies in the way is looked at below.
    if (!isCode(error, "EEXIST") && !isCode(error, "ENOTDIR")) throw error;
  }
  const found = await lstat(folder);
  refuseForeign(folder, found);
  if ((found.mode & WRITABLE_BY_OTHERS) === 0) return;
  await chmod(folder, mode);
  await removeForeign(folder, found.uid);
}

function refuseForeign(folder: string, found: Stats): void {
  const user = process.geteuid?.();
  if (!found.isDirectory()) throw notOurs(folder, found.isSymbolicLink() ? "is a link" : "is no folder");
  if (found.uid === user) return;
  throw found.uid === 0 ? needsRoot(folder) : notOurs(folder, `belongs to user ${found.uid}`);
}

// A stranger's link could lead to any folder of ours, which would be taken, closed and cleared.
async function behindLink(path: string): Promise<string> {
  const target = await absentAs(undefined, () => readlink(path).catch(notALink));
  if (target === undefined) return path;
  const { uid } = await lstat(path);
  if (uid !== process.geteuid?.()) throw notOurs(path, `is a link of user ${uid}`);
  return resolve(dirname(path), target);
}

function notALink(error: unknown): undefined {
  if (isCode(error, "EINVAL")) return undefined;
  throw error;
}

async function removeForeign(folder: string, owner: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const entry = join(folder, name);
    if ((await lstat(entry)).uid !== owner) await rm(entry, { recursive: true, force: true });
  }
}

function needsRoot(folder: string): PermissionError {
  return new PermissionError(`${folder} cannot be used`, {
    code: "file.owner-root",
    why: "it belongs to root",
    fix: "run as root",
  });
}

function notOurs(folder: string, why: string): ConfigurationError {
  return new ConfigurationError(`${folder} cannot be used`, {
    code: "file.owner",
    why: `it ${why}: whoever made it could read and change what is kept there`,
    fix: `look at it, remove it (rm -r ${folder}), then run the same command again`,
  });
}
