import type { Container } from "../stack/containers.ts";
import type { Status } from "./status/status.ts";

/** Milliseconds between two repairs of one service, doubled each time up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A service that needed no repair for this long begins anew. */
const FORGIVEN_AFTER_MS = 300_000;

/** So many ends in so long are a loop, until none has come for a while: the engine's own pauses grow to a minute. */
const LOOP_ENDS = 5;
const LOOP_WITHIN_MS = 600_000;
const LOOP_OVER_AFTER_MS = 120_000;

/** States in which a container does nothing, and the engine's restart policy will not change that. */
const IDLE: ReadonlySet<string> = new Set(["created", "exited", "dead", "paused"]);

/** Services of the release that have no container which runs or is being started by the engine. */
export function ailingServices(expected: readonly string[], containers: readonly Container[]): string[] {
  return expected.filter((service) =>
    containers.every((container) => container.service !== service || IDLE.has(container.state)),
  );
}

export interface Circumstances {
  readonly status: Pick<Status, "verdict" | "release"> | undefined;
  readonly draining: string | undefined;
  /** The operator's reason; undefined when no maintenance is under way. */
  readonly maintenance: string | undefined;
}

/** Why nothing is repaired now; undefined when repairs may be made. */
export function reasonToWait({ status, draining, maintenance }: Circumstances): string | undefined {
  if (draining !== undefined) return "the node is draining";
  if (maintenance !== undefined) return `maintenance: ${maintenance.trim() || "no reason was given"}`;
  if (status === undefined || status.release === undefined) return "no release ran here yet";
  if (status.verdict === "booting") return "a boot is under way";
  return status.verdict === "draining" ? "the node was drained" : undefined;
}

/** How often a service was repaired in a row, and when last. */
export interface Tries {
  readonly count: number;
  readonly lastMs: number;
}

/** Milliseconds of the clock before which a service is not repaired again. */
export function nextTryMs(tries: Tries | undefined): number {
  if (tries === undefined) return Number.NEGATIVE_INFINITY;
  return tries.lastMs + Math.min(FIRST_PAUSE_MS * 2 ** (tries.count - 1), LONGEST_PAUSE_MS);
}

export function triedAgain(tries: Tries | undefined, nowMs: number): Tries {
  const isForgiven = tries === undefined || nowMs - tries.lastMs > FORGIVEN_AFTER_MS;
  return { count: isForgiven ? 1 : tries.count + 1, lastMs: nowMs };
}

/** The ends of a service's containers that still count. */
export const recentEnds = (ends: readonly number[], nowMs: number): number[] =>
  ends.filter((at) => nowMs - at < LOOP_WITHIN_MS);

/** Whether a service ends again and again, by when it ended, oldest first. */
export function isCrashLoop(ends: readonly number[], nowMs: number): boolean {
  const recent = recentEnds(ends, nowMs);
  return recent.length >= LOOP_ENDS && nowMs - (recent.at(-1) ?? 0) < LOOP_OVER_AFTER_MS;
}
