import { chmod, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { ConfigurationError, TemporaryError } from "../errors.ts";

/** Stack archives and the folders they are unpacked into. */
export interface ReleaseFiles {
  /** The bytes of a file, by the path a file:// URI names (never below the root); undefined when there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Unpacks gzip; refuses what is none, or too large. */
  expand(bytes: Uint8Array): Promise<Uint8Array>;
  /** Makes a folder with these files, readable by all, as a whole: it is there complete or not at all. */
  place(nodeFolder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

const MAX_EXPANDED_BYTES = 64 * 1024 * 1024;
const TEMPORARY = ".unpacking";

export function releaseFilesBelow(root: string): ReleaseFiles {
  return {
    read: async (path) => {
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    expand: async (bytes) => {
      try {
        return await promisify(gunzip)(bytes, { maxOutputLength: MAX_EXPANDED_BYTES });
      } catch (cause) {
        throw notGzip(cause);
      }
    },
    place: async (nodeFolder, files) => {
      try {
        await place(join(root, nodeFolder), files);
      } catch (cause) {
        throw notPlaced(nodeFolder, cause);
      }
    },
  };
}

async function place(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const temporary = `${folder}${TEMPORARY}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o755 });
  try {
    for (const [path, content] of files) await writeDurably(join(temporary, path), content);
    // Containers read these as other users; the process's own umask must not shut them out.
    await openUp(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await syncFolder(dirname(folder));
}

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const file = await open(path, "wx", 0o644);
  try {
    await file.writeFile(content);
    await file.chmod(0o644);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function notGzip(cause: unknown): ConfigurationError {
  return new ConfigurationError("release: the stack archive cannot be unpacked", {
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "publish the release again, then boot again",
    cause,
  });
}

function notPlaced(nodeFolder: string, cause: unknown): TemporaryError {
  return new TemporaryError(`release: ${nodeFolder} could not be written`, {
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "free space on that file system, then boot again",
    cause,
  });
}
