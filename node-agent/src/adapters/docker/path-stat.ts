/** What the engine answers to a question for a file of a container; it has no body. */
export interface ArchiveInfo {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

// Of Go's os.FileMode.
const FOLDER = 2 ** 31;
const LINK = 2 ** 27;
const RUNNABLE = 0o111;

/** Whether a file that the engine described can be run. A link leads somewhere: that is not asked. */
export function isProgram(described: string | undefined): boolean {
  const { mode } = JSON.parse(Buffer.from(described ?? "e30=", "base64").toString()) as { mode?: number };
  if (mode === undefined || has(mode, LINK)) return true;
  return !has(mode, FOLDER) && (mode & RUNNABLE) !== 0;
}

// The bit of a folder is beyond what & works with.
const has = (mode: number, bit: number): boolean => Math.floor(mode / bit) % 2 === 1;
