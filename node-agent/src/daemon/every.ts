import { setTimeout as sleep } from "node:timers/promises";

/** Runs a task again and again with a pause between two runs, until the signal; a task that throws ends it. */
export async function every(
  ms: number | (() => number),
  signal: AbortSignal,
  task: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await task();
    await pause(typeof ms === "number" ? ms : ms(), signal);
  }
}

/** Sleeps, but not past the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
