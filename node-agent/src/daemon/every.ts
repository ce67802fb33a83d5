import { setTimeout as sleep } from "node:timers/promises";
import type { Wakeup } from "./wakeup.ts";

export interface Turns {
  /** Hears of every run that ended well. */
  readonly turned?: () => void;
  /** Ends a pause early. */
  readonly wakeup?: Wakeup;
}

/** Runs a task again and again with a pause between two runs, until the signal; a task that throws ends it. */
export async function every(
  ms: number | (() => number),
  signal: AbortSignal,
  task: () => Promise<void>,
  { turned, wakeup }: Turns = {},
): Promise<void> {
  while (!signal.aborted) {
    await task();
    turned?.();
    const pauseMs = typeof ms === "number" ? ms : ms();
    await (wakeup === undefined ? pause(pauseMs, signal) : wakeup.wait(pauseMs, signal));
  }
}

/** Sleeps, but not past the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
