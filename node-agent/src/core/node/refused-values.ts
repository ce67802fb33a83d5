import { isCount, isText, parsed, shape } from "../../base/shape.ts";

/** Values the node went back from, and when they are tried again. Holds no value. */
export interface RefusedValues {
  readonly version: 1;
  /** Digest of the versions that were fetched: others are tried at once. */
  readonly seen: string;
  /** How often these very ones were refused. */
  readonly tries: number;
  /** ISO 8601. */
  readonly retryAt: string;
  readonly what: string;
  readonly why: string;
}

/** Why may lie elsewhere (a database that does not know the password yet), so they are tried again, ever more seldom. */
const FIRST_PAUSE_MS = 900_000;
const LONGEST_PAUSE_MS = 86_400_000;

export interface Refusal {
  readonly seen: string;
  readonly what: string;
  readonly why: string;
}

export function refusedAgain(before: RefusedValues | undefined, refusal: Refusal, now: Date): RefusedValues {
  const tries = before?.seen === refusal.seen ? before.tries + 1 : 1;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  return { version: 1, ...refusal, tries, retryAt: new Date(now.getTime() + pauseMs).toISOString() };
}

/** Whether they are these, and not to be tried yet. */
export const isStillRefused = (refused: RefusedValues | undefined, seen: string, now: Date): boolean =>
  refused?.seen === seen && !isDueAgain(refused, now);

/** What cannot be read is due. */
export const isDueAgain = ({ retryAt }: RefusedValues, now: Date): boolean => !(Date.parse(retryAt) > now.getTime());

const isRefused = shape({
  version: (value) => value === 1,
  seen: isText,
  tries: isCount,
  retryAt: isText,
  what: isText,
  why: isText,
});

export const parseRefused = (text: string | undefined): RefusedValues | undefined =>
  parsed(text ?? "", isRefused) as RefusedValues | undefined;
