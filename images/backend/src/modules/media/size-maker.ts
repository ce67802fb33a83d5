import { fork } from "node:child_process";
import { join } from "node:path";
import type { Answer } from "./encode-process.ts";
import type { Size } from "./sizes.ts";

/** Without them its threads keep memory for each other: 257 MB in the place of 144 for the same picture. */
const ONE_HEAP = { MALLOC_ARENA_MAX: "1", UV_THREADPOOL_SIZE: "1" };

/** The front gives up a minute after the last byte (caddy/Caddyfile); CPU time has a limit of its own. */
const DEADLINE_MS = 55_000;

export type Made = { sizes: Size[] } | { refused: string };

let turn: Promise<unknown> = Promise.resolve();

/** The sizes of a picture, or why it has none. One at a time, however many come at once: each costs up to 256 MB. */
export function makeSizes(bytes: Buffer): Promise<Made> {
  const made = turn.then(() => inOwnProcess(bytes));
  turn = made.catch(() => undefined);
  return made;
}

/**
 * What decodes a stranger's file is native code: it runs in a process of its own, which knows no secret, is ended when it takes
 * too long or too much memory, and leaves none of it behind.
 */
async function inOwnProcess(bytes: Buffer): Promise<Made> {
  const program = join(__dirname, "encode-process.js");
  const child = fork(program, [], { env: ONE_HEAP, execArgv: [], serialization: "advanced" });
  const deadline = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  try {
    const answer = await new Promise<Answer | undefined>((resolve, reject) => {
      child.once("message", (said) => resolve(said as Answer));
      child.once("error", reject);
      child.once("exit", () => resolve(undefined));
      // A process that ended already is told by "exit".
      child.send(bytes, () => undefined);
    });
    if (answer === undefined) return { refused: "takes more time or memory to be read than one picture may" };
    return "unreadable" in answer ? { refused: "is broken: it cannot be read to its end" } : answer;
  } finally {
    clearTimeout(deadline);
    child.kill("SIGKILL");
  }
}
