import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ConfigurationError, PermissionError, TemporaryError } from "../errors.ts";
import { absentAs, isCode, sync } from "./durable.ts";

/** The machine's files below a root folder: `/` on a node, another folder for a local node or a test. */
export interface Files {
  /** The real path of a path of the node. */
  path: (nodePath: string) => string;
  /** Undefined when there is no such file. */
  read(nodePath: string): Promise<string | undefined>;
  /** Names in a folder, sorted; empty when there is no such folder. */
  list(nodePath: string): Promise<readonly string[]>;
  /**
   * Replaces a file as a whole: a reader sees the old or the new bytes, never wider than `mode` (default 0600).
   * Durable when it returns. A file that already holds these bytes with this mode is not touched.
   */
  write(nodePath: string, content: string | Uint8Array, options?: { mode?: number }): Promise<"written" | "unchanged">;
  /** Permission bits of a plain file; undefined when there is none. */
  mode(nodePath: string): Promise<number | undefined>;
  /** Puts new bytes for several files beside them, durably: what can fail for want of space fails here, for all. */
  stage(files: ReadonlyArray<{ path: string; content: string; mode?: number }>): Promise<Staged>;
  /** Removes what killed writers left behind in a folder. */
  sweep(nodeFolder: string): Promise<void>;
  remove(nodePath: string): Promise<void>;
}

/** Files that are written but not yet in their places. */
export interface Staged {
  /** Puts one of them into its place. */
  commit(nodePath: string): Promise<void>;
  /** Removes those that were not put into place. */
  discard(): Promise<void>;
}

const TEMPORARY = ".greenleaf-tmp";

export function filesBelow(root: string): Files {
  const path = (nodePath: string) => join(root, nodePath);
  return {
    path,
    read: (nodePath) => readable(nodePath, () => absentAs(undefined, () => readFile(path(nodePath), "utf8"))),
    list: (nodePath) => readable(nodePath, () => absentAs([], async () => (await readdir(path(nodePath))).sort())),
    write: (nodePath, content, { mode = 0o600 } = {}) =>
      translated(nodePath, () => replace(path(nodePath), Buffer.from(content as string), mode)),
    mode: (nodePath) => readable(nodePath, () => absentAs(undefined, () => modeOf(path(nodePath)))),
    stage: (files) =>
      stage(files.map(({ path: nodePath, ...file }) => ({ ...file, nodePath, target: path(nodePath) }))),
    sweep: (nodeFolder) => translated(nodeFolder, () => sweep(path(nodeFolder))),
    remove: (nodePath) => translated(nodePath, () => rm(path(nodePath), { force: true, recursive: true })),
  };
}

async function replace(target: string, content: Buffer, mode: number): Promise<"written" | "unchanged"> {
  if (await holds(target, content, mode)) return "unchanged";
  await stageOne(target, content, mode);
  await commitOne(target);
  return "written";
}

interface ToStage {
  readonly nodePath: string;
  readonly target: string;
  readonly content: string;
  readonly mode?: number;
}

async function stage(files: readonly ToStage[]): Promise<Staged> {
  const targets = new Map<string, string>();
  const discard = async () => {
    for (const target of targets.values()) await rm(`${target}${TEMPORARY}`, { force: true });
  };
  try {
    for (const { nodePath, target, content, mode = 0o600 } of files) {
      await translated(nodePath, () => stageOne(target, Buffer.from(content), mode));
      targets.set(nodePath, target);
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    discard,
    commit: async (nodePath) => {
      const target = targets.get(nodePath);
      if (target === undefined) throw new Error(`${nodePath} was not staged`);
      await translated(nodePath, () => commitOne(target));
      targets.delete(nodePath);
    },
  };
}

async function stageOne(target: string, content: Buffer, mode: number): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  const temporary = `${target}${TEMPORARY}`;
  await rm(temporary, { force: true });
  try {
    await writeDurably(temporary, content, mode);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function commitOne(target: string): Promise<void> {
  const temporary = `${target}${TEMPORARY}`;
  try {
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // A rename is durable only when the folder's own entry is on disk.
  await sync(dirname(target));
}

async function sweep(folder: string): Promise<void> {
  const names = await absentAs([], () => readdir(folder));
  for (const name of names) if (name.endsWith(TEMPORARY)) await rm(join(folder, name), { force: true });
}

async function modeOf(target: string): Promise<number | undefined> {
  const found = await lstat(target);
  return found.isFile() ? found.mode & 0o777 : undefined;
}

async function holds(target: string, content: Buffer, mode: number): Promise<boolean> {
  const found = await absentAs(undefined, () => lstat(target));
  if (!found?.isFile() || (found.mode & 0o777) !== mode || found.size !== content.length) return false;
  return content.equals(await readFile(target));
}

async function writeDurably(temporary: string, content: Buffer, mode: number): Promise<void> {
  // O_EXCL and O_NOFOLLOW: a link planted under the temporary name must not receive the bytes.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(temporary, flags, mode);
  try {
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readable<T>(nodePath: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isCode(error, "EISDIR")) throw inTheWay(nodePath, error);
    if (isCode(error, "EACCES") || isCode(error, "EPERM")) throw notReadable(nodePath, PermissionError, error);
    if (isCode(error, "EIO") || isCode(error, "ENFILE") || isCode(error, "EMFILE")) {
      throw notReadable(nodePath, TemporaryError, error);
    }
    throw error;
  }
}

async function translated<T>(nodePath: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isCode(error, "ENOSPC") || isOverQuota(error) || isCode(error, "EIO")) throw noRoom(nodePath, error);
    if (isCode(error, "EACCES") || isCode(error, "EPERM") || isCode(error, "EROFS")) throw notAllowed(nodePath, error);
    if (["EISDIR", "ENOTDIR", "EEXIST"].some((code) => isCode(error, code))) throw inTheWay(nodePath, error);
    throw error;
  }
}

// libuv has no name for Linux' EDQUOT.
function isOverQuota(error: unknown): boolean {
  return isCode(error, "EDQUOT") || (error instanceof Error && "errno" in error && error.errno === -122);
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function noRoom(nodePath: string, cause: unknown): TemporaryError {
  return new TemporaryError(`${nodePath} could not be written; the old file is untouched`, {
    why: reason(cause),
    fix: "free space on that file system, then boot again",
    cause,
  });
}

function notReadable(
  nodePath: string,
  Kind: typeof PermissionError | typeof TemporaryError,
  cause: unknown,
): PermissionError | TemporaryError {
  return new Kind(`${nodePath} could not be read`, {
    why: reason(cause),
    fix: "run as root, and check that file system",
    cause,
  });
}

function notAllowed(nodePath: string, cause: unknown): PermissionError {
  return new PermissionError(`${nodePath} could not be written`, {
    why: reason(cause),
    fix: "run as root on a writable file system",
    cause,
  });
}

function inTheWay(nodePath: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`${nodePath} is not a file that can be used`, {
    why: reason(cause),
    fix: "a folder or file is in the way: remove it",
    cause,
  });
}
