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

/** Who sleeps until which signal: a listener for each pause costs more than the pause, for they are looked through each time. */
const sleepers = new WeakMap<AbortSignal, Set<() => void>>();

/** Sleeps, but not past the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const asleep = sleepersOf(signal);
  await new Promise<void>((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      asleep.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    asleep.add(wake);
  });
}

function sleepersOf(signal: AbortSignal): Set<() => void> {
  const known = sleepers.get(signal);
  if (known !== undefined) return known;
  const asleep = new Set<() => void>();
  signal.addEventListener("abort", () => [...asleep].forEach((wake) => wake()), { once: true });
  sleepers.set(signal, asleep);
  return asleep;
}
