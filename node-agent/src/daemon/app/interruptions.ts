import type { Imds } from "../adapters/imds.ts";
import type { DrainLimits } from "../core/drain.ts";
import {
  LIFE_CYCLE_PATH,
  SPOT_PATH,
  spotInterruption,
  TARGET_STATE_PATH,
  targetInterruption,
} from "../core/interruption.ts";
import { drain } from "./drain.ts";
import { every } from "./every.ts";
import type { Groups } from "./groups.ts";
import { type Resident, tolerated } from "./part.ts";

export interface WatchTimes {
  /** Milliseconds between two looks for a Spot notice, which comes two minutes ahead. */
  spotMs: number;
  /** Milliseconds between two looks at what the group wants of the instance. */
  targetMs: number;
  drain: DrainLimits;
}

/** Watches IMDS for the end of this instance; drains the node once, and tells the group when it waits for that. */
export async function watchInterruptions(
  resident: Resident,
  { imds, groups, times }: { imds: Imds; groups: Groups; times: WatchTimes },
): Promise<void> {
  const { view, signal } = resident;
  const read = (path: string) => tolerated(view, () => news(imds, path));
  let draining: Promise<void> | undefined;
  const interrupted = (why: string): Promise<void> => (draining ??= drain(resident, { why, limits: times.drain }));

  const watchSpot = async (): Promise<void> => {
    const isSpot = (await read(LIFE_CYCLE_PATH))?.trim() === "spot";
    await every(times.spotMs, signal, async () => {
      const why = isSpot ? spotInterruption(await read(SPOT_PATH)) : undefined;
      if (why !== undefined) await interrupted(why);
    });
  };
  const watchTarget = (): Promise<void> =>
    every(times.targetMs, signal, async () => {
      const why = targetInterruption(await read(TARGET_STATE_PATH));
      if (why === undefined) return;
      await interrupted(why);
      if (!signal.aborted) await groups.tellTerminated();
    });
  await Promise.all([watchSpot(), watchTarget()]);
}

// No answer is no news: the next look comes in seconds.
async function news(imds: Imds, path: string): Promise<string | undefined> {
  const answer = await imds.read(path);
  return answer.done ? answer.value : undefined;
}
