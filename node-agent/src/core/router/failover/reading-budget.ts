/**
 * Datagrams read between two heartbeats sent: who may send from the other router's address could else have this one
 * compute signatures all day. Those that name its session are told by nobody who cannot hear the two speak.
 */
export const MOST_READ = { known: 100, other: 30 } as const;

export class ReadingBudget {
  #left = { ...MOST_READ } as Record<keyof typeof MOST_READ, number>;

  renew(): void {
    this.#left = { ...MOST_READ };
  }

  /** False where there were too many of the kind. */
  spend(kind: keyof typeof MOST_READ): boolean {
    this.#left[kind] -= 1;
    return this.#left[kind] >= 0;
  }
}
