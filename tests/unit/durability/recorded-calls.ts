import fs from "node:fs";
import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { relative } from "node:path";

/** What decides whether bytes survive a power cut, in the order in which the process asked the system for it. */
export async function recordedCalls(root: string, run: () => Promise<unknown>): Promise<readonly string[]> {
  const calls: string[] = [];
  const name = (path: unknown) => relative(root, String(path)) || ".";
  const before = { open: promises.open, rename: promises.rename, symlink: promises.symlink };
  const paths = new WeakMap<object, string>();
  const told = (text: string) => void calls.push(text);
  const restoreHandles = watchHandles(await openHandle(root), { paths, told });
  promises.open = async (path, ...rest) => {
    const handle = await before.open(path, ...rest);
    paths.set(handle, name(path));
    const [flags = "r"] = rest;
    if (flags !== "r") told(`${isExclusive(flags) ? "create" : "OPEN"} ${name(path)}`);
    return handle;
  };
  promises.rename = async (from, to) => {
    await before.rename(from, to);
    told(`rename ${name(from)} to ${name(to)}`);
  };
  promises.symlink = async (target, path, type) => {
    await before.symlink(target, path, type);
    told(`link ${name(path)} to ${target}`);
  };
  syncBuiltinESMExports();
  try {
    await run();
  } finally {
    Object.assign(promises, before);
    restoreHandles();
    syncBuiltinESMExports();
  }
  return calls;
}

const openHandle = (path: string): Promise<FileHandle> => promises.open(path, "r");

const { O_EXCL, O_NOFOLLOW, O_CREAT } = fs.constants;

/** A name that is taken, or a link that somebody planted under it, is refused: `wx` says the same as the two flags. */
function isExclusive(flags: string | number): boolean {
  if (typeof flags === "string") return flags === "wx";
  return [O_EXCL, O_NOFOLLOW, O_CREAT].every((flag) => (flags & flag) !== 0);
}

interface Handles {
  readonly paths: WeakMap<object, string>;
  readonly told: (text: string) => void;
}

/** The methods of open files, which all share one prototype. */
function watchHandles(sample: FileHandle, { paths, told }: Handles): () => void {
  const prototype = Object.getPrototypeOf(sample) as FileHandle;
  const original = <Name extends keyof FileHandle>(name: Name) => Reflect.get(prototype, name) as FileHandle[Name];
  const sync = original("sync");
  const writeFile = original("writeFile");
  const createWriteStream = original("createWriteStream");
  const nameOf = (handle: object) => paths.get(handle) ?? "?";
  prototype.sync = async function (this: FileHandle) {
    await sync.call(this);
    told(`sync ${nameOf(this)}`);
  };
  prototype.writeFile = async function (this: FileHandle, ...rest: Parameters<FileHandle["writeFile"]>) {
    await writeFile.apply(this, rest);
    told(`write ${nameOf(this)}`);
  };
  prototype.createWriteStream = function (this: FileHandle, ...rest) {
    const path = nameOf(this);
    return createWriteStream.apply(this, rest).on("finish", () => told(`write ${path}`));
  };
  void sample.close();
  return () => void Object.assign(prototype, { sync, writeFile, createWriteStream });
}
