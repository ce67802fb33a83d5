import { HOLD_MS, type Holder, LEASE_MS } from "./decision.ts";

/** What the store holds for a zone. `version` changes with every write, so that a reader sees renewals. */
export interface LeaseRecord {
  readonly holder: string;
  readonly version: string;
}

/** A conditional store: the write happens only where the version found is still the one named. */
export interface LeaseStore {
  /** Undefined when nobody ever wrote one. */
  read(zone: string): Promise<LeaseRecord | undefined>;
  /** False when another writer was faster. */
  write(zone: string, next: LeaseRecord, expected: LeaseRecord | undefined): Promise<boolean>;
}

/** Written as holder when a lease is given up. */
export const NOBODY = "nobody";

/**
 * One zone's lease as one router sees it. No clock but its own is used: a lease of another is expired when its
 * version did not change for the whole term, its own when the term since before its last write is over, less a margin.
 */
export class LeaseView {
  readonly #router: string;
  #seen: { record: LeaseRecord | undefined; since: number } | undefined;
  #heldUntil: number | undefined;

  constructor(router: string) {
    this.#router = router;
  }

  get record(): LeaseRecord | undefined {
    return this.#seen?.record;
  }

  observe(record: LeaseRecord | undefined, now: number): void {
    if (this.#seen !== undefined && this.#seen.record?.version === record?.version) return;
    this.#seen = { record, since: now };
    if (record?.holder !== this.#router) this.#heldUntil = undefined;
  }

  /** After a write that succeeded; `sentAt` is the time before it was sent. */
  written(record: LeaseRecord, sentAt: number): void {
    this.#seen = { record, since: sentAt };
    this.#heldUntil = record.holder === this.#router ? sentAt + HOLD_MS : undefined;
  }

  holder(now: number): Holder {
    if (this.#seen === undefined) return "unknown";
    const { record, since } = this.#seen;
    if (record === undefined || record.holder === NOBODY) return "nobody";
    if (record.holder === this.#router) return this.#heldUntil === undefined ? "expired" : "me";
    return now - since >= LEASE_MS ? "expired" : "other";
  }

  /** Milliseconds this router may still act on it; undefined when it holds none. */
  leftMs(now: number): number | undefined {
    return this.#heldUntil === undefined ? undefined : this.#heldUntil - now;
  }
}
