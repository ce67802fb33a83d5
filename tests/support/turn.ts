import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Longest wait for a suite of another run on this machine. */
const WITHIN_MS = 500_000;

/**
 * Waits for a suite's turn where it has names or addresses that there are once per machine; gives what ends it. The turn is
 * an abstract socket, which the kernel takes back from a process that is gone.
 */
export async function takeTurn(name: string): Promise<() => void> {
  const deadline = performance.now() + WITHIN_MS;
  while (performance.now() < deadline) {
    const server = await listening(`\0greenleaf-test-${name}`);
    if (server) return () => void server.close();
    await sleep(200);
  }
  throw new Error(`another run on this machine has held the turn "${name}" for ${WITHIN_MS / 1000} s`);
}

async function listening(path: string): Promise<Server | undefined> {
  const server = createServer().listen(path);
  try {
    await once(server, "listening");
    server.unref();
    return server;
  } catch {
    return undefined;
  }
}
