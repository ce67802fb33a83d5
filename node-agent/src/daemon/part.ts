import { AgentError } from "../base/errors.ts";
import type { World } from "../world.ts";
import type { View } from "./app/view.ts";
import type { Watchdog } from "./watchdog.ts";

/** What the parts of the daemon share. */
export interface DaemonContext {
  readonly world: World;
  readonly view: View;
  readonly watchdog: Watchdog;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** What fails for outside reasons is noted and tried again later; the daemon itself goes on. */
export async function logAgentError<T>(view: View, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    view.note(`${error.message}: ${error.why}`);
    return undefined;
  }
}
