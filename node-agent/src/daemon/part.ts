import { AgentError } from "../errors.ts";
import type { World } from "../world.ts";
import type { View } from "./view.ts";

/** What the parts of the resident agent share. */
export interface Resident {
  readonly world: World;
  readonly view: View;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** What fails for outside reasons is noted and tried again later; the resident agent itself goes on. */
export async function tolerated<T>(view: View, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    view.note(`${error.message}: ${error.why}`);
    return undefined;
  }
}
