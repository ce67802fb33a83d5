import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { endChildren, RUN_VARIABLE } from "./processes.ts";

/** Where the suites of a run put what is to be in memory. */
export const MEMORY_VARIABLE = "GREENLEAF_TEST_MEMORY";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

/** One `greenleaf test`: its name on this machine, its folders, and whether somebody wants it to end. */
export interface TestRun {
  readonly id: string;
  /** Temporary files of all suites; goes with the run. */
  readonly folder: string;
  /** For the processes of suites. */
  readonly env: Readonly<Record<string, string>>;
  /** Groups that \`fresh\` runs on its machines; all where none is named. */
  readonly only: readonly string[];
  /** Aborted by Ctrl-C and the like. */
  readonly stop: AbortSignal;
  /** Takes what a group prints, where it is not shown as it comes. */
  readonly held?: (text: string) => void;
  /** The signal that ended it, and the exit code that says so. */
  ended(): { readonly by: Signal; readonly code: number } | undefined;
  /** From now on the line is to be run when this process is gone, however it went; until it was `undone`. */
  owe(undo: readonly string[]): Promise<void>;
  undone(undo: readonly string[]): Promise<void>;
  /** Ends what is left of the run, and takes its files away. */
  close(): Promise<void>;
}

const SWEEPER = join(import.meta.dirname, "sweeper.ts");

export function openRun(only: readonly string[] = []): TestRun {
  const id = randomBytes(4).toString("hex");
  const folder = mkdtempSync(join(tmpdir(), "gl-test-"));
  // Suites start programs as other users.
  chmodSync(folder, 0o755);
  const memory = existsSync("/dev/shm") ? `/dev/shm/gl-test-${id}` : join(folder, "memory");
  mkdirSync(memory, { mode: 0o755 });
  const sweeper = spawn(process.execPath, [SWEEPER, id, folder, memory], {
    // Ctrl-C is for us; the sweeper works when we are gone.
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = new Promise<void>((resolve) => sweeper.on("close", () => resolve()));
  const { stop, by, release } = listenForSignals(sweeper.pid);
  return {
    id,
    folder,
    only,
    env: { [RUN_VARIABLE]: id, [MEMORY_VARIABLE]: memory, TMPDIR: folder },
    stop,
    ended: by,
    owe: (undo) => told(sweeper, { owe: undo }),
    undone: (undo) => told(sweeper, { undone: undo }),
    async close() {
      sweeper.stdin?.end();
      await ended;
      release();
    },
  };
}

function told(sweeper: ChildProcess, message: object): Promise<void> {
  return new Promise((resolve, reject) => {
    sweeper.stdin?.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

function listenForSignals(spared: number | undefined) {
  const stopping = new AbortController();
  let first: Signal | undefined;
  const onSignal = (signal: Signal) => {
    if (first !== undefined) return;
    first = signal;
    process.stderr.write(`\n${signal}: ending the tests and removing what they made\n`);
    stopping.abort();
    void endChildren(spared);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    stop: stopping.signal,
    by: () => (first === undefined ? undefined : { by: first, code: 128 + constants.signals[first] }),
    release: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
