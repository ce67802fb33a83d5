import type { Cursor } from "./cursor.ts";

/** What a service may use, as fields of Docker's host config. */
export function readLimits(service: Cursor): Record<string, unknown> {
  const limits = service.at("deploy").at("resources").at("limits");
  const reservations = service.at("deploy").at("resources").at("reservations");
  return {
    Memory: agreed(limits.at("memory").bytes(), service.at("mem_limit").bytes(), service.at("mem_limit")),
    MemoryReservation: agreed(
      reservations.at("memory").bytes(),
      service.at("mem_reservation").bytes(),
      service.at("mem_reservation"),
    ),
    MemorySwap: readSwap(service.at("memswap_limit")),
    NanoCpus: nanoCpus(agreed(limits.at("cpus").decimal(), service.at("cpus").decimal(), service.at("cpus"))),
    CpuShares: service.at("cpu_shares").whole(),
    CpusetCpus: service.at("cpuset").text(),
    PidsLimit: agreed(limits.at("pids").whole(), service.at("pids_limit").whole(), service.at("pids_limit")),
    OomScoreAdj: service.at("oom_score_adj").whole(),
    ShmSize: service.at("shm_size").bytes(),
    Ulimits: readUlimits(service.at("ulimits")),
  };
}

/** A limit may stand under deploy and beside it, but only with one value. */
function agreed(deploy: number | undefined, own: number | undefined, place: Cursor): number | undefined {
  if (deploy !== undefined && own !== undefined && deploy !== own)
    place.refuse("differs from the same limit under deploy");
  return deploy ?? own;
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
