/** Milliseconds. */
export interface DrainLimits {
  /** The load balancer needs two failed health checks to stop sending. */
  atLeastMs: number;
  /** For how long nothing must be under way; longer than Caddy keeps an idle connection to an app. */
  quietMs: number;
  /** A Spot instance has two minutes in all, and the containers need their grace periods. */
  atMostMs: number;
}

export const DRAIN_LIMITS: DrainLimits = { atLeastMs: 12_000, quietMs: 4_000, atMostMs: 30_000 };

/** Whether the containers may be stopped now; `undefined` means not yet. */
export function drained(
  seen: { elapsedMs: number; quietMs: number; inFlight: number | undefined },
  limits: DrainLimits,
): string | undefined {
  if (seen.elapsedMs >= limits.atMostMs) {
    return `after ${limits.atMostMs / 1000} s with ${seen.inFlight ?? "an unknown number of"} requests under way`;
  }
  if (seen.elapsedMs < limits.atLeastMs || seen.inFlight !== 0 || seen.quietMs < limits.quietMs) return undefined;
  return `after ${Math.round(seen.elapsedMs / 1000)} s, nothing under way`;
}
