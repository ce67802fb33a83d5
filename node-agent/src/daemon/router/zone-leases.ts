import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/wait.ts";
import { HOLD_MS, type Holder, RENEW_MS } from "../../core/router/failover/decision.ts";
import { type LeaseStore, LeaseView, NOBODY } from "../../core/router/failover/lease.ts";

export type Side = "home" | "peer";

/** Leases are read this often while anything about them is in doubt, and not at all while nothing is. */
const READ_MS = 300;

export interface LeaseOptions {
  readonly router: string;
  readonly zones: Readonly<Record<Side, string>>;
  readonly clock: Clock;
  readonly store: LeaseStore;
  tell(text: string): void;
}

/** The leases of both zones as one router holds and sees them. */
export class ZoneLeases {
  readonly #options: LeaseOptions;
  readonly #views: Readonly<Record<Side, LeaseView>>;
  /** What is renewed: a lease that was given up, even where that could not be written, runs out. */
  readonly #wanted: Record<Side, boolean> = { home: false, peer: false };
  #readAt = Number.NEGATIVE_INFINITY;
  #isWorking = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#views = { home: new LeaseView(options.router), peer: new LeaseView(options.router) };
  }

  holder(side: Side): Holder {
    return this.#views[side].holder(this.#options.clock.now());
  }

  leftMs(side: Side): number | undefined {
    return this.#views[side].leftMs(this.#options.clock.now());
  }

  /** True when this router holds it now; false when the other does, or was faster. */
  async claim(side: Side): Promise<boolean> {
    // What was seen last is enough: the write is conditional on it, so that one call less is between a death and its end.
    if (this.holder(side) === "unknown") await this.#read(side);
    if (this.holder(side) === "other") return false;
    this.#wanted[side] = await this.#write(side, this.#options.router);
    return this.#wanted[side];
  }

  async release(side: Side): Promise<void> {
    this.#wanted[side] = false;
    if (this.leftMs(side) !== undefined) await this.#write(side, NOBODY);
  }

  /** Lets it run out. A renewal whose answer comes after that would else be renewed for ever, with its zone served by nobody. */
  abandon(side: Side): void {
    this.#wanted[side] = false;
  }

  /** Renews what is held and reads what is in doubt, in the background: a slow store must not delay a heartbeat. */
  keep(isInDoubt: boolean): void {
    const due = (["home", "peer"] as const).filter((side) => this.#wanted[side] && isDue(this.leftMs(side)));
    const now = this.#options.clock.now();
    const isReading = isInDoubt && now - this.#readAt >= READ_MS;
    if (this.#isWorking || (due.length === 0 && !isReading)) return;
    this.#isWorking = true;
    if (isReading) this.#readAt = now;
    this.#work(due, isReading)
      .catch((error: unknown) => this.#options.tell(`the lease store gives no answer: ${reasonOf(error)}`))
      .finally(() => (this.#isWorking = false));
  }

  async #work(due: readonly Side[], isReading: boolean): Promise<void> {
    for (const side of due) await this.#write(side, this.#options.router);
    if (isReading) await Promise.all([this.#read("home"), this.#read("peer")]);
  }

  async #write(side: Side, holder: string): Promise<boolean> {
    const sentAt = this.#options.clock.now();
    const next = { holder, version: randomUUID() };
    const isWritten = await this.#options.store.write(this.#options.zones[side], next, this.#views[side].record);
    if (isWritten) this.#views[side].written(next, sentAt);
    else await this.#read(side);
    return isWritten;
  }

  async #read(side: Side): Promise<void> {
    const record = await this.#options.store.read(this.#options.zones[side]);
    this.#views[side].observe(record, this.#options.clock.now());
  }
}

// One that ran out is not renewed: its zone is not served any more.
const isDue = (left: number | undefined): boolean => left !== undefined && left > 0 && left < HOLD_MS - RENEW_MS;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
