/** Answers to "may this one be judged?": `wait` when attempts that are being judged could reach the limit. */
export type Verdict = { state: "go" | "wait" } | { state: "refused"; retryAfterMs: number };

/**
 * What is counted: the address, and where an account is named, the account and both together. The three keys of
 * keysOf(); a counter never sees more than these.
 */
export type Keys = readonly [address: string] | readonly [address: string, account: string, both: string];

export type Limits = { wrong: number; windowMs: number };

/** Counts attempts. One is reserved before the password is looked at, so that many at once are not more than the limit. */
export interface Counter {
  reserve(keys: Keys): Promise<Verdict>;
  settle(keys: Keys, isWrong: boolean): Promise<void>;
}

export type Count = { wrong: number; pending: number };

/**
 * The rule. An address that was wrong too often waits, whatever accounts it tried. An account that was tried too often,
 * from wherever, refuses the addresses that were wrong themselves: its owner, at home, still gets in with the first try.
 */
export function judge(address: Count, account: Count, both: Count, limit: number): Verdict["state"] {
  if (address.wrong >= limit || (account.wrong >= limit && both.wrong > 0)) return "refused";
  const all = (count: Count) => count.wrong + count.pending;
  return all(address) >= limit || (all(account) >= limit && all(both) > 0) ? "wait" : "go";
}

type Entry = Count & { endsAt: number };

const NONE: Count = { wrong: 0, pending: 0 };
/** Some 10 MB at most; whoever owns more addresses than this is not one that counting stops. */
const MOST = 50_000;

/** Counts in this process alone. */
export class ProcessCounter implements Counter {
  private readonly entries = new Map<string, Entry>();
  private readonly limits: Limits;
  private readonly now: () => number;

  constructor(limits: Limits, now: () => number) {
    this.limits = limits;
    this.now = now;
  }

  async reserve(keys: Keys): Promise<Verdict> {
    const [address, account, both] = keys.map((key) => this.present(key));
    const state = judge(address ?? NONE, account ?? NONE, both ?? NONE, this.limits.wrong);
    if (state === "refused") {
      const ends = [address, account].flatMap((entry) =>
        entry && entry.wrong >= this.limits.wrong ? [entry.endsAt] : [],
      );
      return { state, retryAfterMs: Math.max(...ends) - this.now() };
    }
    if (state === "go") for (const key of keys) this.entryOf(key).pending += 1;
    return { state };
  }

  async settle(keys: Keys, isWrong: boolean): Promise<void> {
    for (const [at, key] of keys.entries()) {
      const entry = isWrong ? this.entryOf(key) : this.present(key);
      if (!entry) continue;
      entry.pending = Math.max(0, entry.pending - 1);
      if (isWrong) entry.wrong += 1;
      // Who knows the password is not the one who guesses.
      else if (at === 2) entry.wrong = 0;
      if (entry.wrong + entry.pending === 0) this.entries.delete(key);
    }
  }

  private present(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry && entry.endsAt > this.now()) return entry;
    this.entries.delete(key);
    return undefined;
  }

  private entryOf(key: string): Entry {
    const known = this.present(key);
    if (known) return known;
    const entry = { wrong: 0, pending: 0, endsAt: this.now() + this.limits.windowMs };
    // A map keeps the order of insertion, and every entry lives equally long: the first one is the oldest.
    const [oldest] = this.entries.size >= MOST ? this.entries.keys() : [];
    if (oldest !== undefined) this.entries.delete(oldest);
    this.entries.set(key, entry);
    return entry;
  }
}
