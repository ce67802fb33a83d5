import { TemporaryError } from "../../base/errors.ts";
import { type ProbeResult, pending, until } from "../../base/wait.ts";
import type { World } from "../../world.ts";

/** Milliseconds for everything one phase asks of AWS, retries included. */
export const AWS_BUDGET_MS = 30_000;

/** Milliseconds one attempt may take, and its share of a budget that is smaller than usual. */
const ATTEMPT_MS = 5_000;
const ATTEMPT_SHARE = 1 / 6;

/** One time budget for all calls of a phase; `stopped` ends their retries when one has failed for good. */
export interface Budget {
  readonly totalMs: number;
  readonly deadline: number;
  stopped?: Error;
}

export function newBudget({ clock }: World, totalMs = AWS_BUDGET_MS): Budget {
  return { totalMs, deadline: clock.now() + totalMs };
}

/**
 * Asks AWS until it answers or the budget is spent, with full jitter between attempts so that a fleet that starts at
 * once spreads out. A terminal error ends the retries of every other call under the same budget.
 */
export async function ask<T>(
  world: World,
  { what, budget }: { what: string; budget: Budget },
  attempt: (timeoutMs: number) => Promise<ProbeResult<T>>,
): Promise<T> {
  const { clock } = world;
  let last = "none";
  const wait = {
    what,
    withinMs: Math.max(0, budget.deadline - clock.now()),
    everyMs: 200,
    growth: 2,
    maxMs: 5_000,
    random: () => world.random(),
    fix: "check the route to AWS and its limits, then boot again",
  };
  return until(clock, wait, async () => {
    if (budget.stopped !== undefined) throw budget.stopped;
    const leftMs = budget.deadline - clock.now();
    // An attempt cut short by the budget would hide the answer that matters.
    if (leftMs <= 0) return pending(last);
    const answer = await attempt(Math.min(ATTEMPT_MS, budget.totalMs * ATTEMPT_SHARE, leftMs)).catch((error: Error) => {
      if (error instanceof TemporaryError) last = `${error.message}: ${error.why}`;
      else budget.stopped ??= error;
      throw error;
    });
    if (!answer.done) last = answer.why;
    return answer;
  });
}
