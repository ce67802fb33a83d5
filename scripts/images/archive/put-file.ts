import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file whole or not at all, and leaves it alone when it says so already: another build may be reading it. */
export async function putFile(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(Buffer.from(content))) return;
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}`;
  await writeFile(aside, content, { mode });
  await rename(aside, path);
}
