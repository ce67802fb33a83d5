const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const UNCAUGHT = ["uncaughtException", "unhandledRejection"] as const;

/**
 * Runs what has a verdict to write before this process ends: a signal stops it (its name is the reason), and so does an
 * error that nobody caught (which is the reason itself).
 */
export async function stoppable<T>(run: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onStop = (reason: unknown) => stop.abort(reason);
  for (const signal of SIGNALS) process.on(signal, onStop);
  for (const event of UNCAUGHT) process.on(event, onStop);
  try {
    return await run(stop.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onStop);
    for (const event of UNCAUGHT) process.off(event, onStop);
  }
}
