import { chmod, constants, copyFile, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { makeFolder } from "../../node-agent/src/base/durable.ts";
import { workFolder } from "./folders.ts";

/** Folders a tool makes beside the sources; no Dockerfile copies them in. */
const MADE = new Set(["node_modules", ".next", ".medusa", "dist", ".git"]);

const FILE = 0o644;
const PROGRAM = 0o755;

/** One file an image may be made from. */
export interface ContextFile {
  /** Below the context. */
  readonly name: string;
  readonly path: string;
  /** What the image gets, as Git knows it: a program or not. The rest of a checkout's modes is its owner's umask. */
  readonly mode: typeof FILE | typeof PROGRAM;
}

/** Every file of a build context, sorted; links and what tools made are none. */
export async function contextFiles(context: string): Promise<ContextFile[]> {
  const paths = (await pathsIn(context)).sort();
  return Promise.all(
    paths.map(async (path) => {
      const isProgram = ((await stat(path)).mode & constants.S_IXUSR) !== 0;
      return { name: relative(context, path), path, mode: isProgram ? PROGRAM : FILE };
    }),
  );
}

/**
 * Hands over a copy of a context that holds exactly these files with exactly these modes: COPY takes them over as they
 * are, and a checkout cloned under another umask would make an image that its own user cannot read.
 */
export async function withContext<T>(context: string, use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(join(workFolder, "context-"));
  try {
    // The copies' times are those of the copying: the builder takes a file of the same time and size for the same one.
    for (const { name, path, mode } of await contextFiles(context)) {
      await makeFolder(dirname(join(folder, name)));
      await copyFile(path, join(folder, name), constants.COPYFILE_FICLONE);
      await chmod(join(folder, name), mode);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pathsIn(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !MADE.has(name));
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => pathsIn(join(folder, name)));
  return [...files, ...(await Promise.all(folders)).flat()];
}
