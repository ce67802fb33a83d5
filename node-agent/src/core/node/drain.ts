import { isCount, isText, parsed, shape } from "../../base/shape.ts";

/** Milliseconds. */
export interface DrainLimits {
  /** Until the load balancer has stopped sending: it must fail as many checks as its threshold says. */
  atLeastMs: number;
  /** For how long nothing must be under way; longer than Caddy keeps an idle connection to an app. */
  quietMs: number;
  /** A Spot instance has two minutes in all, and the containers need their grace periods. */
  atMostMs: number;
}

/** How the balancer looks at /healthz: the same numbers as in terraform/modules/balancer, which a test compares. */
export const BALANCER_CHECK = { intervalSeconds: 10, unhealthyThreshold: 3 } as const;

/** Every address of the balancer checks on its own, and takes a moment to act on what it found. */
const BALANCER_ACTS_MS = 5_000;

export const DRAIN_LIMITS: DrainLimits = {
  atLeastMs: BALANCER_CHECK.intervalSeconds * BALANCER_CHECK.unhealthyThreshold * 1_000 + BALANCER_ACTS_MS,
  quietMs: 4_000,
  atMostMs: 50_000,
};

/** No balancer asks a router: it only leaves its pair the time to see that it goes. */
export const ROUTER_DRAIN_LIMITS: DrainLimits = { atLeastMs: 12_000, quietMs: 0, atMostMs: 30_000 };

export interface DrainMark {
  readonly version: 1;
  readonly why: string;
  /** The kernel's id of this run of the machine: a Spot instance that was stopped and starts again is not draining. */
  readonly machineRun: string;
  /** The machine's uptime when the drain began, which no corrected clock moves. */
  readonly uptimeMs: number;
}

/** A moment of this machine that another process can compare with. */
export type Moment = Pick<DrainMark, "machineRun" | "uptimeMs">;

/** The mark of a drain of this run of the machine; undefined when there is none. */
export function parseDrainMark(text: string | undefined, { machineRun, uptimeMs }: Moment): DrainMark | undefined {
  const mark = (text === undefined ? undefined : parsed(text, isMark)) as DrainMark | undefined;
  return mark?.machineRun === machineRun && mark.uptimeMs <= uptimeMs ? mark : undefined;
}

const isMark = shape({
  version: (value) => value === 1,
  why: isText,
  machineRun: isText,
  uptimeMs: isCount,
});

/** Reads /proc/sys/kernel/random/boot_id and /proc/uptime. */
export function momentOf(bootId: string | undefined, uptime: string | undefined): Moment {
  const seconds = Number((uptime ?? "").split(" ")[0]);
  return { machineRun: (bootId ?? "").trim(), uptimeMs: Number.isFinite(seconds) ? Math.round(seconds * 1_000) : 0 };
}

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
