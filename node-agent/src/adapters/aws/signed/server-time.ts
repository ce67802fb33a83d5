import type { Clock } from "../../../base/wait.ts";

/** Signature Version 4 allows five minutes; a clock that is less than this off is not why a request was refused. */
const ALLOWED_MS = 4 * 60_000;

/** The time to sign with: this machine's, until a refusal's Date header tells that it is off. */
export interface ServerTime {
  now(): Date;
  /** Learns from a refused request; whether the next one is signed with another time. */
  learn(headers: { readonly date?: string | undefined }): boolean;
}

export function serverTime(clock: Clock): ServerTime {
  let offsetMs = 0;
  return {
    now: () => new Date(clock.date().getTime() + offsetMs),
    learn({ date }) {
      const skewMs = Date.parse(date ?? "") - clock.date().getTime();
      // NaN without a date, which is more than nothing.
      if (!(Math.abs(skewMs - offsetMs) > ALLOWED_MS)) return false;
      offsetMs = skewMs;
      return true;
    },
  };
}
