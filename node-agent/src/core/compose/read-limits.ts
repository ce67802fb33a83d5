import type { Cursor } from "./cursor.ts";

/** What a service may use, as fields of Docker's host config. */
export function readLimits(service: Cursor): Record<string, unknown> {
  const limits = service.at("deploy").at("resources").at("limits");
  const reservations = service.at("deploy").at("resources").at("reservations");
  return {
    Memory: limits.at("memory").bytes() ?? service.at("mem_limit").bytes(),
    MemoryReservation: reservations.at("memory").bytes() ?? service.at("mem_reservation").bytes(),
    MemorySwap: readSwap(service.at("memswap_limit")),
    NanoCpus: nanoCpus(limits.at("cpus").decimal() ?? service.at("cpus").decimal()),
    CpuShares: service.at("cpu_shares").whole(),
    CpusetCpus: service.at("cpuset").text(),
    PidsLimit: limits.at("pids").whole() ?? service.at("pids_limit").whole(),
    OomScoreAdj: service.at("oom_score_adj").whole(),
    ShmSize: service.at("shm_size").bytes(),
    Ulimits: readUlimits(service.at("ulimits")),
  };
}

// -1 means no limit on swap.
const readSwap = (swap: Cursor): number | undefined => (swap.value === -1 || swap.value === "-1" ? -1 : swap.bytes());

const nanoCpus = (cpus: number | undefined): number | undefined =>
  cpus === undefined ? undefined : Math.trunc(cpus * 1e9);

interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

function readUlimits(ulimits: Cursor): Ulimit[] | undefined {
  if (!ulimits.given) return undefined;
  return ulimits.entries().flatMap(([name, limit]) => {
    const single = typeof limit.value === "object" ? undefined : limit.whole();
    const soft = single ?? limit.at("soft").whole();
    const hard = single ?? limit.at("hard").whole();
    if (soft === undefined || hard === undefined) return limit.refuse("needs one number, or soft and hard") ?? [];
    return [{ Name: name, Soft: soft, Hard: hard }];
  });
}
