import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../../node-agent/src/base/wait.ts";

/** Time that passes only while nothing else happens: for what reaches the outside through fakes of this process alone. */
export class SimulatedClock implements Clock {
  #now = 0;
  #timers: Array<{ at: number; ring: () => void }> = [];

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#now);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.alarm(ms, resolve));
  }

  alarm(ms: number, ring: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), ring };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  /** Lets time pass until the work is over; work that waits for nothing in time never would be. */
  async run<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const settled = () => (over = true);
    work.then(settled, settled);
    for (;;) {
      await turn();
      if (over) return work;
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) throw new Error(`at ${this.#now} ms it waits for something without a deadline`);
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
  }
}
