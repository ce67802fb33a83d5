import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ConfigurationError } from "./errors.ts";

/** Far more than any file that is read as a whole: documents, templates, archives. */
const MAX_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** Opens a plain file to read; anything else in its place is refused. */
export async function openPlain(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK the opening of a pipe waits for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = await file.stat();
  if (found.isFile()) return file;
  await file.close();
  throw notPlain(path, found.isDirectory() ? "it is a folder" : "it is a device or a pipe");
}

/**
 * The bytes of a plain file. A device or a pipe in its place is refused: it may have no end, or never begin; so is a
 * file that would fill the memory.
 */
export async function readWhole(path: string, maxBytes = MAX_BYTES): Promise<Buffer> {
  const file = await openPlain(path);
  try {
    if ((await file.stat()).size > maxBytes) throw tooLarge(path, maxBytes);
    return await readUpTo(file, path, maxBytes);
  } finally {
    await file.close();
  }
}

/** Until its end, which is not where stat() says for the kernel's own files and for one that is being written. */
async function readUpTo(file: FileHandle, path: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let total = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    total += bytesRead;
    if (total > maxBytes) throw tooLarge(path, maxBytes);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

export function notPlain(path: string, why: string, cause?: unknown): ConfigurationError {
  const fix = "a folder, device or file is in the way: remove it";
  return new ConfigurationError(`${path} is not a file that can be used`, { code: "file.type", why, fix, cause });
}

function tooLarge(path: string, maxBytes: number): ConfigurationError {
  return new ConfigurationError(`${path} is not a file that can be used`, {
    code: "file.size",
    why: `it is larger than ${maxBytes} bytes`,
    fix: "put the right file there",
  });
}
