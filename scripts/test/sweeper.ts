import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { endProcess } from "../../node-agent/src/base/process-groups.ts";
import { removeDeadLabs } from "../lab/dead-labs.ts";
import { hasProgram } from "../programs.ts";
import { isReaper, processesOf } from "./processes.ts";

/**
 * Waits until the run that started it is gone, by whatever way (its end of the pipe closes), and removes what it left:
 * processes, network namespaces, what it still owed, its folders. A process of its own, for kill -9 asks nobody.
 */
const [id = "", ...folders] = process.argv.slice(2);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const owed: string[][] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const { owe, undone } = JSON.parse(line) as { owe?: string[]; undone?: string[] };
  if (owe) owed.push(owe);
  if (undone)
    owed.splice(
      owed.findIndex((one) => one.join() === undone.join()),
      1,
    );
}
await endProcesses();
for (const [program = "", ...args] of owed.toReversed()) spawnSync(program, args, { stdio: ["ignore", 2, 2] });
if (process.getuid?.() === 0 && hasProgram("ip")) await removeDeadLabs();
for (const folder of folders) removeFolder(folder);

/** Reapers of suites (tests/support/reaper.ts) get their time; whatever else is left is ended at once. */
async function endProcesses(): Promise<void> {
  const REAPING_MS = 60_000;
  const deadline = performance.now() + REAPING_MS;
  for (let left = processesOf(id); left.length > 0; left = processesOf(id)) {
    const late = performance.now() > deadline;
    for (const pid of left) if (late || !isReaper(pid)) endProcess(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (performance.now() > deadline + REAPING_MS) return;
  }
}

/** A file system that a suite mounted goes first, or its files would be removed in its stead. */
function removeFolder(folder: string): void {
  const mounted = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => (line.split(" ")[1] ?? "").replaceAll("\\040", " "))
    .filter((place) => place.startsWith(`${folder}/`));
  for (const place of mounted.toReversed()) spawnSync("umount", ["--lazy", place], { stdio: "ignore" });
  rmSync(folder, { recursive: true, force: true });
}
