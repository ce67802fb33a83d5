import { createRequire } from "node:module";
import { endWith, Failure } from "./failure.ts";

/** BullMQ's `Worker`: reads one queue for as long as `run` lasts. */
type Reader = { closing?: unknown; run: () => Promise<void> };
type Readers = { prototype: Reader };

/** The very class that Medusa's event bus reads its queue with, and its workflow engine. */
export function medusasReaders(): Readers {
  const bus = createRequire(require.resolve("@medusajs/medusa/event-bus-redis")).resolve("@medusajs/event-bus-redis");
  return (createRequire(bus)("bullmq") as { Worker: Readers }).Worker;
}

/**
 * Where a reader cannot begin (one connection to Valkey that takes too long while a busy machine starts), Medusa writes a
 * line and goes on: healthy, and no letter is sent ever after. Such a process ends instead, and the engine starts it anew.
 */
export function endWithReaders({ prototype }: Readers, end: (why: unknown) => void): void {
  const run = prototype.run;
  prototype.run = async function runOrEnd(this: Reader): Promise<void> {
    try {
      await run.call(this);
    } catch (error) {
      if (this.closing === undefined) end(error);
      throw error;
    }
  };
}

export function endProcess(error: unknown): void {
  endWith(
    new Failure("the jobs and letters that wait in Valkey cannot be read", {
      exitCode: 75,
      why: error instanceof Error ? error.message : String(error),
      fix: "start again when it answers",
      cause: error,
    }),
  );
}
