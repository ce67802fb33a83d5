import { isUnavailable } from "../store/errors.ts";
import { firstOf } from "./patience.ts";

/** Keeps answers for a short while, in memory, and asks once however many want the same at the same moment. */
export interface Cache {
  get<T>(key: string, load: () => Promise<T>, keeping?: Keeping<T>): Promise<T>;
}

/** What is different for one kind of answer. */
interface Keeping<T> {
  /** May depend on the answer: a large one is worth asking for less often. */
  readonly freshMs?: (value: T) => number;
  readonly patienceMs?: number;
}

interface Entry {
  readonly at: number;
  readonly value: unknown;
}

interface CacheOptions {
  /** Milliseconds an answer counts as fresh. */
  readonly freshMs: number;
  /** Milliseconds an answer may still stand in when asking again fails. */
  readonly staleMs: number;
  /** The same when the backend is known to be away: then nothing can be ordered by it anyway. */
  readonly awayMs?: number;
  readonly maxEntries: number;
  /** Milliseconds asking again may take before the old answer is given, where it may still stand in. */
  readonly patienceMs?: number;
  readonly now?: () => number;
}

export function createCache(options: CacheOptions): Cache {
  const { freshMs, staleMs, awayMs = staleMs, maxEntries, patienceMs = 250, now = Date.now } = options;
  const entries = new Map<string, Entry>();
  const asking = new Map<string, Promise<unknown>>();

  const remember = (key: string, value: unknown) => {
    entries.delete(key);
    entries.set(key, { at: now(), value });
    const oldest = entries.keys().next();
    if (entries.size > maxEntries && !oldest.done) entries.delete(oldest.value);
  };

  const ask = async <T>(key: string, load: () => Promise<T>): Promise<T> => {
    try {
      const value = await load();
      remember(key, value);
      return value;
    } catch (error) {
      const last = entries.get(key);
      const limit = isUnavailable(error) ? awayMs : staleMs;
      if (last !== undefined && now() - last.at <= limit) return last.value as T;
      throw error;
    } finally {
      asking.delete(key);
    }
  };

  const canStandIn = (last: Entry | undefined, fresh: number): last is Entry =>
    last !== undefined && now() - last.at <= Math.max(staleMs, 2 * fresh);

  return {
    async get<T>(key: string, load: () => Promise<T>, keeping: Keeping<T> = {}): Promise<T> {
      const last = entries.get(key);
      const fresh = last === undefined ? 0 : (keeping.freshMs?.(last.value as T) ?? freshMs);
      if (last !== undefined && now() - last.at < fresh) return last.value as T;
      const question = (asking.get(key) ?? ask(key, load)) as Promise<T>;
      asking.set(key, question);
      // A backend that hangs is as good as away: nobody waits for it who can be given the last answer.
      return canStandIn(last, fresh) ? firstOf(question, keeping.patienceMs ?? patienceMs, last.value as T) : question;
    },
  };
}
