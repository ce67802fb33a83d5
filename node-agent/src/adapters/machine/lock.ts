import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { TemporaryError } from "../../base/errors.ts";
import { translated } from "../../base/files.ts";
import { claimFolder } from "../../base/own-folder.ts";

export type Locked = { held: true; release: () => Promise<void> } | { held: false; by: string };

const CONFLICT = 75;
/** flock does not wait; on a file system that does not answer it would. */
const ANSWER_MS = 10_000;
/** A `cat` whose input ended is gone at once. */
const RELEASE_MS = 5_000;

/**
 * Takes a lock that the kernel holds and frees when the holder dies, however it dies: flock keeps it while a child
 * reads our pipe, and the child ends when the pipe closes.
 */
export async function takeLock(path: string, withinMs = ANSWER_MS): Promise<Locked> {
  // Asked here, since flock tells in prose why it cannot open a file.
  await translated(path, async () => {
    await claimFolder(dirname(path));
    await closeToOthers(path);
  });
  const args = ["--nonblock", "--conflict-exit-code", String(CONFLICT), path, "cat"];
  const child = spawn("flock", args, { stdio: ["pipe", "pipe", "ignore"] });
  // Neither the child nor its pipes keep the agent alive.
  child.unref();
  const release = () => endOf(child);
  const outcome = await answerOf(child, withinMs);
  if (outcome === CONFLICT) return { held: false, by: (await readFile(path, "utf8").catch(() => "")).trim() };
  if (outcome !== "held") throw notTaken(new Error(`flock ended with code ${outcome}`));
  try {
    await translated(path, () => writeFile(path, `process ${process.pid}\n`));
  } catch (error) {
    await release();
    throw error;
  }
  return { held: true, release };
}

/** The lock is free once the child is gone: before that the next command would be told of a holder that has ended. */
async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, "exit");
  child.stdin?.end();
  const late = new AbortController();
  await Promise.race([ended, pause(RELEASE_MS, undefined, { signal: late.signal })]);
  late.abort();
  child.kill("SIGKILL");
}

/** Whoever may open the file may hold its lock. */
async function closeToOthers(path: string): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    await file.chmod(0o600);
  } finally {
    await file.close();
  }
}

/** That the lock is held, or flock's exit code. */
async function answerOf(child: ChildProcess, withinMs: number): Promise<"held" | number> {
  const failed = once(child, "error").then(([cause]) => Promise.reject(notTaken(cause as Error)));
  // Without file descriptors there is neither a process nor a pipe, only the error.
  if (!child.stdin || !child.stdout) return failed;
  // A holder that was killed is told by its exit code.
  child.stdin.on("error", () => undefined);
  const ended = once(child, "exit").then(([code]) => (code as number | null) ?? -1);
  const held = once(child.stdout, "data").then(() => "held" as const);
  const late = pause(withinMs, undefined, { ref: false }).then(() => {
    child.kill("SIGKILL");
    throw notTaken(new Error(`flock gave no answer for ${withinMs / 1000} s`));
  });
  child.stdin.write("held\n");
  for (const other of [failed, ended, held, late]) other.catch(() => undefined);
  return Promise.race([failed, ended, held, late]);
}

function notTaken(cause: Error): TemporaryError {
  return new TemporaryError("the lock of the boot could not be taken", {
    code: "boot.lock",
    why: cause.message,
    fix: "install util-linux, which brings flock, and check that /run is writable and file descriptors are left",
    cause,
  });
}
