import { NAT_LOCK } from "../../base/paths.ts";
import { done, pending, until, within } from "../../base/wait.ts";
import type { World } from "../../world.ts";

/** One look and all its steps take well under a second. */
const WITHIN_MS = 15_000;
/** The holder is a child of ours, which is gone as soon as its input ends. */
const RELEASE_MS = 10_000;

/**
 * Looks at the machine's network and changes it while no other process of ours does. `boot` and the daemon start
 * side by side: two plans made from one look would do a step twice, and the second is refused.
 */
export async function withNatLock<T>(world: World, run: () => Promise<T>): Promise<T> {
  const wait = {
    what: "another change of the network to end",
    withinMs: WITHIN_MS,
    everyMs: 20,
    growth: 1.5,
    maxMs: 200,
    fix: "see which process holds the lock, end it, then try again",
  };
  const release = await until(world.clock, wait, async () => {
    const lock = await world.lock(NAT_LOCK);
    return lock.held ? done(lock.release) : pending(`${lock.by || "another process"} holds ${NAT_LOCK}`);
  });
  try {
    return await run();
  } finally {
    await within(world.clock, { ms: RELEASE_MS, late: () => undefined }, release);
  }
}
