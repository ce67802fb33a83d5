import { AgentError } from "../base/errors.ts";
import { HISTORY_PATH } from "../base/paths.ts";
import { type HistoryEntry, withEntry } from "../core/node/status/history.ts";
import type { World } from "../world.ts";

/** Keeps an entry. What cannot be kept, on a full disk, is told and changes no verdict. */
export async function recordHistory(
  { files }: Pick<World, "files">,
  entry: HistoryEntry,
  tell: (text: string) => void,
): Promise<void> {
  try {
    await files.write(HISTORY_PATH, withEntry(await files.read(HISTORY_PATH), entry), { mode: 0o644 });
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    tell(`the history could not be written: ${error.why}`);
  }
}
