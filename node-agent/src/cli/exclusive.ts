import { TemporaryError } from "../errors.ts";
import type { World } from "../world.ts";

const LOCK = "/run/greenleaf/boot.lock";

/** Runs what changes the node's files while nothing else does. */
export async function exclusively<T>(world: World, run: () => Promise<T>): Promise<T> {
  const lock = await world.lock(LOCK);
  if (!lock.held) throw alreadyBooting(lock.by);
  try {
    return await run();
  } finally {
    lock.release();
  }
}

function alreadyBooting(by: string): TemporaryError {
  return new TemporaryError("boot: another boot is under way", {
    why: `${by === "" ? "another process" : by} holds ${LOCK}`,
    fix: "wait for it to end; greenleaf-agent status tells how it went",
  });
}
