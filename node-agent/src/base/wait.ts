import { DeadlineError, LaterError, TemporaryError } from "./errors.ts";

/** Time as the agent sees it. `now` is monotonic milliseconds, so that a corrected clock cannot stretch a wait. */
export interface Clock {
  now(): number;
  /** Wall-clock time, for what people and other machines read. */
  date(): Date;
  sleep(ms: number): Promise<void>;
  /** Rings once after `ms`, unless what it gives is called before. */
  alarm(ms: number, ring: () => void): () => void;
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
  /** Milliseconds past the deadline for a probe that is under way then; default 1 s. */
  graceMs?: number;
}

/** One probe's answer: done with a value, or not yet with the reason. */
export type ProbeResult<T> = { done: true; value: T } | { done: false; why: string };

export const done = <T>(value: T): ProbeResult<T> => ({ done: true, value });
export const pending = (why: string): ProbeResult<never> => ({ done: false, why });

const GRACE_MS = 1_000;

/**
 * The only way to wait: probes until an answer or the deadline, which throws a DeadlineError that names the last answer.
 * A probe that does not answer is not waited for either, and a TemporaryError of it is an answer: not yet. Any other
 * error ends the wait at once, as does a LaterError.
 */
export async function until<T>(clock: Clock, wait: Wait, probe: () => Promise<ProbeResult<T>>): Promise<T> {
  const deadline = clock.now() + wait.withinMs;
  let pauseMs = wait.everyMs;
  let last = "none yet";
  for (let attempt = 1; ; attempt += 1) {
    const leftMs = deadline + (wait.graceMs ?? GRACE_MS) - clock.now();
    const unanswered = () => pending(`${last}; then no answer came`);
    const answer = await within(clock, { ms: leftMs, late: unanswered }, () => asked(probe));
    if (answer.done) return answer.value;
    last = answer.why;
    const restMs = deadline - clock.now();
    if (restMs <= 0) throw expired(wait, { attempt, why: last });
    const jittered = wait.random ? wait.random() * pauseMs : pauseMs;
    await clock.sleep(Math.min(jittered, restMs));
    pauseMs = Math.min(pauseMs * (wait.growth ?? 1), wait.maxMs ?? wait.everyMs * 10);
  }
}

async function asked<T>(probe: () => Promise<ProbeResult<T>>): Promise<ProbeResult<T>> {
  try {
    return await probe();
  } catch (error) {
    if (!(error instanceof TemporaryError) || error instanceof LaterError) throw error;
    return pending(`${error.message}: ${error.why}`);
  }
}

/** Runs something that may never end; after `ms` it is left alone and `late` tells what comes in its place. */
export async function within<T, L>(
  clock: Clock,
  { ms, late }: { ms: number; late: () => L },
  run: () => Promise<T>,
): Promise<T | L> {
  const { promise, resolve } = Promise.withResolvers<"late">();
  const cancel = clock.alarm(ms, () => resolve("late"));
  const running = run();
  // Nobody hears what it says when it is late.
  running.catch(() => undefined);
  try {
    return await Promise.race([running, promise.then(late)]);
  } finally {
    cancel();
  }
}

function expired(wait: Wait, { attempt, why }: { attempt: number; why: string }): DeadlineError {
  return new DeadlineError(`waiting for ${wait.what} took longer than ${wait.withinMs / 1000} s`, {
    code: "wait.deadline",
    why: `last answer of ${attempt}: ${why}`,
    fix: wait.fix,
  });
}
