import { spawnSync } from "node:child_process";
import { hasProgram } from "../../scripts/programs.ts";

/** Whether the system calls of a program can be seen here. */
export const mayTrace = (): boolean => spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

export const whyNoTrace = (): string =>
  hasProgram("strace") ? "this kernel lets nobody trace" : "needs strace: apt-get install strace";
