import { LaterError } from "../../base/errors.ts";
import { within } from "../../base/wait.ts";
import type { Boot } from "../phase.ts";
import { endPhase } from "../phase.ts";

/**
 * Milliseconds a boot may take, whatever hangs: with what comes before and after the phases less than the 900 s after
 * which its unit is killed (TimeoutStartSec) and its group gives the instance up (heartbeat of the launch hook).
 */
export const LIMITS = {
  phases: 720_000,
  /** Of that, for services to become healthy; one who asks for more of it gets a longer boot. */
  healthy: 300_000,
  /** One read or write of the status, or the lock. */
  file: 10_000,
  /** To tell the group. */
  hook: 75_000,
} as const;

const limitOf = ({ healthyWithinMs = 0 }: Boot): number =>
  LIMITS.phases + Math.max(0, healthyWithinMs - LIMITS.healthy);

/**
 * Runs the phases of a boot until they are over, their time is, or `stop` is told: its reason is the name of a signal, or
 * an error nobody caught. What still runs then changes nothing any more.
 */
export async function runBounded(boot: Boot, stop: AbortSignal, run: () => Promise<unknown>): Promise<void> {
  const limitMs = limitOf(boot);
  const stopped = Promise.withResolvers<never>();
  const tellStop = () => stopped.reject(reasonOf(stop.reason, boot));
  stop.addEventListener("abort", tellStop, { once: true });
  if (stop.aborted) tellStop();
  const late = () => {
    throw tooLate(limitMs, boot);
  };
  try {
    await within(boot.world.clock, { ms: limitMs, late }, () => Promise.race([run(), stopped.promise]));
  } catch (error) {
    endPhase(boot, error);
    throw error;
  } finally {
    stop.removeEventListener("abort", tellStop);
  }
}

/** One deed around the phases that must not hold the verdict up. */
export function promptly<T>(boot: Pick<Boot, "world">, what: string, ms: number, run: () => Promise<T>): Promise<T> {
  const late = () => {
    throw new LaterError(`boot: ${what} took longer than ${ms / 1000} s`, {
      code: "boot.deadline",
      why: "no answer came",
      fix: "check the file system and the way to AWS, then boot again",
    });
  };
  return within(boot.world.clock, { ms, late }, run);
}

const whereIn = ({ current }: Boot): string =>
  current === undefined ? "no phase was under way" : `phase ${current.phase} was under way`;

function reasonOf(reason: unknown, boot: Boot): Error {
  if (reason instanceof Error) return reason;
  return new LaterError(`boot: ended by ${String(reason)}`, {
    code: "boot.ended",
    why: whereIn(boot),
    fix: "boot again: what was done stays, the rest is taken up",
  });
}

function tooLate(limitMs: number, boot: Boot): LaterError {
  return new LaterError(`boot: not over after ${limitMs / 1000} s`, {
    code: "boot.deadline",
    why: `${whereIn(boot)}, and what it waits for gives no answer`,
    fix: "see the last lines of that phase (journalctl -u greenleaf-boot), then boot again",
  });
}
