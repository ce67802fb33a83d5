import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TemporaryError } from "../errors.ts";

export type Locked = { held: true; release: () => void } | { held: false; by: string };

const CONFLICT = 75;

/**
 * Takes a lock that the kernel holds and frees when the holder dies, however it dies: flock keeps it while a child
 * reads our pipe, and the child ends when the pipe closes.
 */
export async function takeLock(path: string): Promise<Locked> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const args = ["--nonblock", "--conflict-exit-code", String(CONFLICT), path, "cat"];
  const child = spawn("flock", args, { stdio: ["pipe", "pipe", "ignore"] });
  // A holder that was killed is told by its exit code.
  child.stdin.on("error", () => undefined);
  const outcome = await new Promise<"held" | number>((resolve, reject) => {
    child.once("error", (cause) => reject(noFlock(cause)));
    child.once("exit", (code) => resolve(code ?? -1));
    child.stdout.once("data", () => resolve("held"));
    child.stdin.write("held\n");
  });
  if (outcome === CONFLICT) return { held: false, by: (await readFile(path, "utf8").catch(() => "")).trim() };
  if (outcome !== "held") throw noFlock(new Error(`flock ended with code ${outcome}`));
  await writeFile(path, `process ${process.pid}\n`);
  // Neither the child nor its pipes keep the agent alive.
  child.unref();
  return { held: true, release: () => void child.stdin.end() };
}

function noFlock(cause: Error): TemporaryError {
  return new TemporaryError("the lock of the boot could not be taken", {
    why: cause.message,
    fix: "install util-linux, which brings flock, and check that /run is writable",
    cause,
  });
}
