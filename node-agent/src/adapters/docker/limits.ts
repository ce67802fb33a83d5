import type Docker from "dockerode";
import type { Limits } from "../../core/stack/engine.ts";
import { restartText } from "../../core/stack/plan/drift.ts";

/** What the engine holds a container to; null and -1 both mean no limit of processes. */
export function limitsOf({ Memory, MemorySwap, NanoCpus, PidsLimit, RestartPolicy }: Docker.HostConfig): Limits {
  return {
    memory: Memory ?? 0,
    swap: MemorySwap ?? 0,
    nanoCpus: NanoCpus ?? 0,
    pids: Math.max(0, PidsLimit ?? 0),
    restart: restartText(RestartPolicy?.Name, RestartPolicy?.MaximumRetryCount),
  };
}

/** Body of POST /containers/{id}/update; a zero leaves memory and processors as they are. */
export function updateBody({ memory, swap, nanoCpus, pids, restart }: Limits): object {
  const [Name, retries = "0"] = restart.split(":");
  return {
    Memory: memory,
    MemorySwap: swap,
    NanoCpus: nanoCpus,
    PidsLimit: pids === 0 ? -1 : pids,
    RestartPolicy: { Name, MaximumRetryCount: Number(retries) },
  };
}
