/** Process groups that end with this process: a terminal's Ctrl-C reaches only the foreground group, which is ours. */
const groups = new Set<number>();
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function adoptGroup(leader: number): void {
  if (groups.size === 0) {
    process.on("exit", endGroups);
    // Before others: a listener that is called once has left the list when its turn is over.
    for (const signal of SIGNALS) process.prependListener(signal, passOn);
  }
  groups.add(leader);
}

export function releaseGroup(leader: number): void {
  if (!groups.delete(leader) || groups.size > 0) return;
  process.off("exit", endGroups);
  for (const signal of SIGNALS) process.off(signal, passOn);
}

/** Sends a signal to a process; one that has ended by itself meanwhile is what was wanted. */
export function endProcess(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Ends a whole group at once, its leader's children too. */
export function killGroup(leader: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Nobody of it is left.
  }
}

function endGroups(): void {
  for (const leader of groups) killGroup(leader, "SIGTERM");
}

// Who listens for the signal as well decides what comes of it; without such a one it ends us, as it would have.
function passOn(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  endGroups();
  for (const leader of groups) releaseGroup(leader);
  process.kill(process.pid, signal);
}
