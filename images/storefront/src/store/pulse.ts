/** Knows whether the backend can serve, and lets nobody wait for one that cannot. */
export interface Pulse {
  /** The backend is known to be away: asking it again is of no use. */
  isAway(): boolean;
  /** Sends what may be broken off; rejects as soon as the backend is known to be away. */
  guard<T>(send: (away: AbortSignal) => Promise<T>, atLeastMs?: number): Promise<T>;
}

interface PulseOptions {
  /** Asks the backend whether it can serve; has a deadline of its own. */
  readonly isReady: () => Promise<boolean>;
  /** Whether a failure says something of the backend, and not only of the request. */
  readonly isTrouble: (error: unknown) => boolean;
  /** What is thrown where the backend is not asked at all. */
  readonly refusal: () => Error;
  /** Milliseconds without an answer until it is doubted that one comes. */
  readonly doubtMs?: number;
  /** Milliseconds between two questions while there is doubt. */
  readonly everyMs?: number;
}

interface Waiting {
  readonly stop: AbortController;
  /** Milliseconds, by the process's clock, before which it is not broken off. */
  readonly notBefore: number;
  isDoubted: boolean;
}

/** A busy machine may lose one answer of a backend that is well. */
const MISSES = 2;

/**
 * A backend that answers in time is never asked how it is. It is when an answer is late or bad, and from the second "no"
 * on every request is refused at once, until it says "yes" again.
 */
export function createPulse({ isReady, isTrouble, refusal, doubtMs = 400, everyMs = 500 }: PulseOptions): Pulse {
  const waiting = new Set<Waiting>();
  let isAway = false;
  let isAsking = false;
  let misses = 0;

  const giveUp = () => {
    for (const one of waiting) {
      const leftMs = one.notBefore - performance.now();
      if (leftMs <= 0) one.stop.abort();
    }
  };

  const askWhileInDoubt = async () => {
    if (isAsking) return;
    isAsking = true;
    do {
      misses = (await isReady()) ? 0 : misses + 1;
      isAway = misses >= MISSES;
      if (isAway) giveUp();
      const pauseMs = misses > 0 && !isAway ? 0 : everyMs;
      await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
    } while (misses > 0 || [...waiting].some(({ isDoubted }) => isDoubted));
    isAsking = false;
  };

  return {
    isAway: () => isAway,
    async guard(send, atLeastMs = 0) {
      if (isAway) throw refusal();
      const one: Waiting = { stop: new AbortController(), notBefore: performance.now() + atLeastMs, isDoubted: false };
      waiting.add(one);
      const doubt = setTimeout(() => {
        one.isDoubted = true;
        void askWhileInDoubt();
      }, doubtMs);
      try {
        return await send(one.stop.signal);
      } catch (error) {
        if (isTrouble(error)) void askWhileInDoubt();
        throw error;
      } finally {
        clearTimeout(doubt);
        waiting.delete(one);
      }
    },
  };
}
