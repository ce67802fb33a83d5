export type GateLimits = {
  /** How many may be inside at once; asked at each entry, because it may depend on what else is going on. */
  slots: () => number;
  /** How many may wait for a slot; one more is refused at once. */
  waiting: number;
  waitMs: number;
};

type Waiting = { admit: (isAdmitted: boolean) => void; timer: NodeJS.Timeout };

/** Lets a number in at once and has the others wait in order, for a while; who waits in vain is told so. */
export class Gate {
  private readonly limits: GateLimits;
  private readonly queue: Waiting[] = [];
  private inside = 0;

  constructor(limits: GateLimits) {
    this.limits = limits;
  }

  /** True when the caller is in, and then must `leave`; false when there is no room. */
  async enter(): Promise<boolean> {
    if (this.queue.length === 0 && this.inside < this.limits.slots()) {
      this.inside += 1;
      return true;
    }
    if (this.queue.length >= this.limits.waiting) return false;
    return new Promise((admit) => {
      const waiting: Waiting = { admit, timer: setTimeout(() => this.giveUp(waiting), this.limits.waitMs) };
      this.queue.push(waiting);
    });
  }

  leave(): void {
    this.inside -= 1;
    this.admitWaiting();
  }

  /** Also asked when the number of slots may have grown. */
  admitWaiting(): void {
    while (this.queue.length > 0 && this.inside < this.limits.slots()) {
      const next = this.queue.shift();
      if (next === undefined) return;
      clearTimeout(next.timer);
      this.inside += 1;
      next.admit(true);
    }
  }

  private giveUp(waiting: Waiting): void {
    this.queue.splice(this.queue.indexOf(waiting), 1);
    waiting.admit(false);
  }
}
