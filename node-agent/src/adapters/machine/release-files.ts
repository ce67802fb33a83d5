import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { absentAs, openUp, putWhole, writeDurably } from "../../base/durable.ts";
import { ConfigurationError, TemporaryError } from "../../base/errors.ts";
import { readWhole } from "../../base/read-whole.ts";

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

export function releaseFilesBelow(root: string): ReleaseFiles {
  return {
    read: (path) => absentAs(undefined, () => readWhole(path)),
    expand: async (bytes) => {
      try {
        return await promisify(gunzip)(bytes, { maxOutputLength: MAX_EXPANDED_BYTES });
      } catch (cause) {
        throw notGzip(cause);
      }
    },
    place: async (nodeFolder, files) => {
      try {
        await putWhole(join(root, nodeFolder), (to) => unpack(to, files));
      } catch (cause) {
        throw notPlaced(nodeFolder, cause);
      }
    },
  };
}

async function unpack(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(folder, { mode: 0o755 });
  for (const [path, content] of files) await writeDurably(join(folder, path), content);
  // Containers read these as other users.
  await openUp(folder);
}

function notGzip(cause: unknown): ConfigurationError {
  return new ConfigurationError("release: the stack archive cannot be unpacked", {
    code: "release.archive-damaged",
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "publish the release again, then boot again",
    cause,
  });
}

function notPlaced(nodeFolder: string, cause: unknown): TemporaryError {
  return new TemporaryError(`release: ${nodeFolder} could not be written`, {
    code: "release.write",
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "free space on that file system, then boot again",
    cause,
  });
}
