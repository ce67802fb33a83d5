import { TemporaryError } from "../errors.ts";

/** Time as the agent sees it. `now` is monotonic milliseconds, so that a corrected clock cannot stretch a wait. */
export interface Clock {
  now(): number;
  /** Wall-clock time, for what people and other machines read. */
  date(): Date;
  sleep(ms: number): Promise<void>;
}

export interface Wait {
  /** What is waited for, as in "waiting for <what>". */
  what: string;
  withinMs: number;
  /** Pause between two probes; grows by `growth` up to `maxMs`. */
  everyMs: number;
  growth?: number;
  maxMs?: number;
  /** What to do when the wait fails. */
  fix: string;
  /** Full jitter source in [0, 1); given where many nodes may wait for the same thing. */
  random?: () => number;
}

/** One probe's answer: done with a value, or not yet with the reason. */
export type Answer<T> = { done: true; value: T } | { done: false; because: string };

export const done = <T>(value: T): Answer<T> => ({ done: true, value });
export const notYet = (because: string): Answer<never> => ({ done: false, because });

/**
 * The only way to wait: probes until an answer or the deadline, which throws a TemporaryError that names
 * the last answer. A probe that throws ends the wait at once: translate what is worth a retry to `notYet`.
 */
export async function until<T>(clock: Clock, wait: Wait, probe: () => Promise<Answer<T>>): Promise<T> {
  const start = clock.now();
  let pauseMs = wait.everyMs;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await probe();
    if (answer.done) return answer.value;
    const leftMs = wait.withinMs - (clock.now() - start);
    if (leftMs <= 0) throw expired(wait, { attempt, because: answer.because });
    const jittered = wait.random ? wait.random() * pauseMs : pauseMs;
    await clock.sleep(Math.min(jittered, leftMs));
    pauseMs = Math.min(pauseMs * (wait.growth ?? 1), wait.maxMs ?? wait.everyMs * 10);
  }
}

function expired(wait: Wait, { attempt, because }: { attempt: number; because: string }): TemporaryError {
  return new TemporaryError(`waiting for ${wait.what} took longer than ${wait.withinMs / 1000} s`, {
    why: `last answer of ${attempt}: ${because}`,
    fix: wait.fix,
  });
}
