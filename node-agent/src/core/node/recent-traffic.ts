/** What was answered in some seconds, and by which release. */
export interface TrafficSlice {
  /** Its begin, in milliseconds since 1970. */
  readonly at: number;
  readonly requests: number;
  /** Those of them that were the node's fault: 500 and more. */
  readonly errors: number;
  readonly release?: string;
}

export const SLICE_MS = 10_000;
/** A quarter of an hour: a deploy and what was before it. */
const KEPT = 90;

const startOf = (at: number): number => at - (at % SLICE_MS);

/** Answers of the last quarter of an hour, in as much memory whatever comes. */
export class RecentTraffic {
  readonly #since: number;
  readonly #slices = new Map<number, TrafficSlice>();

  constructor(since: number) {
    this.#since = startOf(since);
  }

  add(at: number, isError: boolean, release: string | undefined): void {
    const start = startOf(at);
    const { requests, errors } = this.#slices.get(start) ?? { requests: 0, errors: 0 };
    const counts = { requests: requests + 1, errors: errors + (isError ? 1 : 0) };
    this.#slices.set(start, { at: start, ...counts, ...(release === undefined ? {} : { release }) });
    for (const old of this.#slices.keys()) {
      if (this.#slices.size <= KEPT) break;
      this.#slices.delete(old);
    }
  }

  /** Every slice until now, quiet ones too; of a time before this was watched there is none. */
  slices(now: number): TrafficSlice[] {
    const last = startOf(now);
    const first = Math.max(this.#since, last - (KEPT - 1) * SLICE_MS);
    const count = Math.max(0, (last - first) / SLICE_MS + 1);
    return Array.from({ length: count }, (_, index) => {
      const at = first + index * SLICE_MS;
      return this.#slices.get(at) ?? { at, requests: 0, errors: 0 };
    });
  }
}
