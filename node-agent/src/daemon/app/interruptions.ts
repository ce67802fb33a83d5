import type { Imds } from "../../adapters/aws/imds.ts";
import type { DrainLimits } from "../../core/node/drain.ts";
import {
  LIFE_CYCLE_PATH,
  SPOT_PATH,
  spotInterruption,
  TARGET_STATE_PATH,
  targetInterruption,
} from "../../core/node/interruption.ts";
import { every } from "../every.ts";
import { type DaemonContext, logAgentError } from "../part.ts";
import type { Drainer } from "./drain.ts";
import type { Groups } from "./groups.ts";

export interface WatchTimes {
  /** Milliseconds between two looks for a Spot notice, which comes two minutes ahead. */
  spotMs: number;
  /** Milliseconds between two looks at what the group wants of the instance. */
  targetMs: number;
  drain: DrainLimits;
}

/** Watches IMDS for the end of this instance; drains the node once, and tells the group when it waits for that. */
export async function watchInterruptions(
  daemon: DaemonContext,
  { imds, groups, times, drain }: { imds: Imds; groups: Groups; times: WatchTimes; drain: Drainer },
): Promise<void> {
  const { view, signal } = daemon;
  const read = (path: string) => logAgentError(view, () => news(imds, path));
  const watchSpot = async (): Promise<void> => {
    let lifeCycle: string | undefined;
    await every(times.spotMs, signal, async () => {
      // Asked until it is told: an IMDS that is silent at the start must not hide every notice.
      lifeCycle ??= (await read(LIFE_CYCLE_PATH))?.trim();
      const why = lifeCycle === "spot" ? spotInterruption(await read(SPOT_PATH)) : undefined;
      if (why !== undefined) await drain(why);
    });
  };
  const watchTarget = (): Promise<void> =>
    every(times.targetMs, signal, async () => {
      const why = targetInterruption(await read(TARGET_STATE_PATH));
      if (why === undefined) return;
      await drain(why);
      if (!signal.aborted) await groups.tellTerminated();
    });
  await Promise.all([watchSpot(), watchTarget()]);
}

// No answer is no news: the next look comes in seconds.
async function news(imds: Imds, path: string): Promise<string | undefined> {
  const answer = await imds.read(path);
  return answer.done ? answer.value : undefined;
}
