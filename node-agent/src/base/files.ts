import { lstat, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { absentAs, isCode, sync, writeDurably } from "./durable.ts";
import { PermissionError, TemporaryError } from "./errors.ts";
import { notPlain, readWhole } from "./read-whole.ts";
import { textOf } from "./text.ts";

/** The machine's files below a root folder: `/` on a node, another folder for a local node or a test. */
export interface Files {
  /** The real path of a path of the node. */
  path: (nodePath: string) => string;
  /** Undefined when there is no such file. */
  read(nodePath: string): Promise<string | undefined>;
  /** The same of a file that people write: bytes that are no UTF-8 are refused, with their place. */
  readText(nodePath: string): Promise<string | undefined>;
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
  const bytesOf = (nodePath: string) => readable(nodePath, () => absentAs(undefined, () => readWhole(path(nodePath))));
  return {
    path,
    read: async (nodePath) => (await bytesOf(nodePath))?.toString("utf8"),
    readText: async (nodePath) => {
      const bytes = await bytesOf(nodePath);
      return bytes && textOf(bytes, path(nodePath));
    },
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
  return content.equals(await readWhole(target, content.length));
}

async function readable<T>(nodePath: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (IN_THE_WAY.some((code) => isCode(error, code))) throw inTheWay(nodePath, error);
    if (isCode(error, "EACCES") || isCode(error, "EPERM")) throw notReadable(nodePath, PermissionError, error);
    if (isCode(error, "EIO") || isCode(error, "ENFILE") || isCode(error, "EMFILE")) {
      throw notReadable(nodePath, TemporaryError, error);
    }
    throw error;
  }
}

/** Writes with the errors of a file system as ours: 75 for what passes, 77 for what is not allowed. */
export async function translated<T>(nodePath: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isOverQuota(error) || SHORT.some((code) => isCode(error, code))) throw noRoom(nodePath, error);
    if (isCode(error, "EACCES") || isCode(error, "EPERM") || isCode(error, "EROFS")) throw notAllowed(nodePath, error);
    if (IN_THE_WAY.some((code) => isCode(error, code))) throw inTheWay(nodePath, error);
    throw error;
  }
}

/** ENXIO is a socket, or a device without its driver. */
const IN_THE_WAY = ["EISDIR", "ENOTDIR", "EEXIST", "ELOOP", "ENAMETOOLONG", "ENXIO", "ENODEV"];
const SHORT = ["ENOSPC", "EIO", "EMFILE", "ENFILE", "ENOMEM"];

// libuv has no name for Linux' EDQUOT.
function isOverQuota(error: unknown): boolean {
  return isCode(error, "EDQUOT") || (error instanceof Error && "errno" in error && error.errno === -122);
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function noRoom(nodePath: string, cause: unknown): TemporaryError {
  return new TemporaryError(`${nodePath} could not be written; the old file is untouched`, {
    code: "file.no-room",
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
    code: "file.unreadable",
    why: reason(cause),
    fix: "run as root, and check that file system",
    cause,
  });
}

function notAllowed(nodePath: string, cause: unknown): PermissionError {
  return new PermissionError(`${nodePath} could not be written`, {
    code: "file.denied",
    why: reason(cause),
    fix: "run as root on a writable file system",
    cause,
  });
}

const inTheWay = (nodePath: string, cause: unknown) => notPlain(nodePath, reason(cause), cause);
