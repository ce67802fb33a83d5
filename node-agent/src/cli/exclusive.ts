import { TemporaryError } from "../base/errors.ts";
import { BOOT_LOCK } from "../base/paths.ts";
import { within } from "../base/wait.ts";
import { LIMITS, promptly } from "../phases/boot/limits.ts";
import type { World } from "../world.ts";

/** Runs what changes the node's files while nothing else does. */
export async function exclusively<T>(world: World, run: () => Promise<T>): Promise<T> {
  const lock = await promptly({ world }, `taking ${BOOT_LOCK}`, LIMITS.file, () => world.lock(BOOT_LOCK));
  if (!lock.held) throw alreadyBooting(lock.by);
  try {
    return await run();
  } finally {
    // One that does not come back is freed by the kernel when this process ends.
    await within(world.clock, { ms: LIMITS.file, late: () => undefined }, () => lock.release());
  }
}

function alreadyBooting(by: string): TemporaryError {
  return new TemporaryError("boot: another boot is under way", {
    code: "boot.lock",
    why: `${by === "" ? "another process" : by} holds ${BOOT_LOCK}`,
    fix: "wait for it to end; greenleaf-agent status tells how it went",
  });
}
