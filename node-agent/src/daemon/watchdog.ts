import type { Clock } from "../base/wait.ts";

/** A quarter of the unit's WatchdogSec: three can be lost. */
const FEED_MS = 15_000;

export interface WatchdogOptions {
  readonly clock: Clock;
  /** Tells systemd that all is well; undefined where no systemd waits for that. */
  readonly notify: (() => Promise<void>) | undefined;
}

/**
 * Whether every loop of the daemon turns. Fed to systemd by the loops themselves: a timer of its own would go on
 * telling that all is well while the work hangs.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #parts = new Map<string, { at: number; limitMs: number }>();
  #fedAt = Number.NEGATIVE_INFINITY;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Gives what a loop calls after each turn; one that does not for `limitMs` hangs. */
  part(name: string, limitMs: number): () => void {
    this.#parts.set(name, { at: this.#options.clock.now(), limitMs });
    return () => {
      this.#parts.set(name, { at: this.#options.clock.now(), limitMs });
      this.#feed();
    };
  }

  /** What hangs, for people. */
  stalled(): string[] {
    const now = this.#options.clock.now();
    return [...this.#parts].flatMap(([name, { at, limitMs }]) =>
      now - at > limitMs ? [`${name} has hung for ${Math.round((now - at) / 1000)} s`] : [],
    );
  }

  #feed(): void {
    const { clock, notify } = this.#options;
    if (notify === undefined || clock.now() - this.#fedAt < FEED_MS || this.stalled().length > 0) return;
    this.#fedAt = clock.now();
    // One that fails is followed by the next; when all fail, systemd starts this agent anew, which is what it is for.
    notify().catch(() => undefined);
  }
}
