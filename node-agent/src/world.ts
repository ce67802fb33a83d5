import { systemClock } from "./adapters/clock.ts";
import { type Exec, exec } from "./adapters/exec.ts";
import { type Files, filesBelow } from "./adapters/files.ts";
import type { Clock } from "./core/retry.ts";

/** Everything outside the process that the agent can touch. Adapters load their libraries on first use. */
export interface World {
  readonly clock: Clock;
  readonly exec: Exec;
  readonly files: Files;
}

export interface WorldOptions {
  /** Folder that stands for `/` of the node. */
  root: string;
}

export function realWorld({ root }: WorldOptions): World {
  return { clock: systemClock, exec, files: filesBelow(root) };
}
