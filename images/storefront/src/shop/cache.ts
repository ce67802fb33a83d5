/** Keeps answers for a short while, in memory, and asks once however many want the same at the same moment. */
export interface Cache {
  get<T>(key: string, load: () => Promise<T>): Promise<T>;
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
  readonly maxEntries: number;
  readonly now?: () => number;
}

export function createCache({ freshMs, staleMs, maxEntries, now = Date.now }: CacheOptions): Cache {
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
      if (last !== undefined && now() - last.at <= staleMs) return last.value as T;
      throw error;
    } finally {
      asking.delete(key);
    }
  };

  return {
    async get<T>(key: string, load: () => Promise<T>): Promise<T> {
      const last = entries.get(key);
      if (last !== undefined && now() - last.at < freshMs) return last.value as T;
      const question = asking.get(key) ?? ask(key, load);
      asking.set(key, question);
      return question as Promise<T>;
    },
  };
}
