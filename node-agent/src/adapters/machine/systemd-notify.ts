import type { Exec } from "../../base/exec.ts";

/** Two tries fit between two feedings. */
const LIMIT_MS = 5_000;

/** Through systemd's own program: Node has no datagrams of Unix sockets. Undefined outside of a unit with WatchdogSec. */
export function watchdogFeed(
  exec: Exec,
  { NOTIFY_SOCKET, WATCHDOG_USEC }: Readonly<Record<string, string | undefined>>,
): (() => Promise<void>) | undefined {
  if (NOTIFY_SOCKET === undefined || WATCHDOG_USEC === undefined) return undefined;
  return async () => void (await exec(["systemd-notify", "WATCHDOG=1"], { timeoutMs: LIMIT_MS }));
}
