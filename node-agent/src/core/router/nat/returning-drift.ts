/** Once is an accident, and so is twice. */
const ALARM_TIMES = 5;
const ALARM_WITHIN_MS = 60_000;
/** Looks in a row that found something changed: then it is put back less often, so that two programs do not spin. */
const PATIENT_LOOKS = 8;
const FIRST_PAUSE_MS = 400;
const LAST_PAUSE_MS = 2_000;

/** What somebody changes again and again although it is put back. */
export interface Returning {
  readonly what: string;
  readonly times: number;
}

/** Counts what is put back; times are milliseconds of a monotonic clock. */
export class ReturningDrift {
  readonly #repairs = new Map<string, number[]>();
  #inRow = 0;

  /** A look that found everything as it should be. */
  clean(): void {
    this.#inRow = 0;
  }

  repaired(names: readonly string[], now: number): void {
    this.#inRow += 1;
    this.switched(names, now);
  }

  /** As good as free to put back, so that nobody need be patient. */
  switched(names: readonly string[], now: number): void {
    this.#forgetOld(now);
    for (const name of names) this.#count(name, now);
  }

  /** Before the next look; 0 while nobody fights. */
  get pauseMs(): number {
    if (this.#inRow < PATIENT_LOOKS) return 0;
    return Math.min(FIRST_PAUSE_MS * 2 ** (this.#inRow - PATIENT_LOOKS), LAST_PAUSE_MS);
  }

  /** What came back most often in the last minute, when that is often enough to be somebody's doing. */
  returning(now: number): Returning | undefined {
    this.#forgetOld(now);
    const [most] = [...this.#repairs]
      .map(([what, at]) => ({ what, times: at.length }))
      .toSorted((a, b) => b.times - a.times);
    return most !== undefined && most.times >= ALARM_TIMES ? most : undefined;
  }

  #count(name: string, now: number): void {
    const at = [...(this.#repairs.get(name) ?? []), now].slice(-MOST_TIMES);
    // The one that was put back last comes last.
    this.#repairs.delete(name);
    this.#repairs.set(name, at);
    const [oldest] = this.#repairs.keys();
    if (oldest !== undefined && this.#repairs.size > MOST_NAMES) this.#repairs.delete(oldest);
  }

  #forgetOld(now: number): void {
    for (const [name, at] of this.#repairs) {
      const young = at.filter((each) => now - each < ALARM_WITHIN_MS);
      if (young.length === 0) this.#repairs.delete(name);
      else this.#repairs.set(name, young);
    }
  }
}

/** More of one minute need not be told apart. */
const MOST_TIMES = 200;
const MOST_NAMES = 50;

/** Who wrote the packet filter meanwhile, as `nft monitor` names each new generation's process. */
export function writersOf(monitored: string): string[] {
  const found = monitored.matchAll(/^# new generation \d+ by process (\d+) \(([^)]*)\)/gm);
  return [...new Set([...found].map(([, , name = ""]) => name))].slice(0, 5);
}
