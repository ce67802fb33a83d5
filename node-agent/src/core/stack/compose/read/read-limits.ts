import type { Cursor } from "./cursor.ts";

/** The engine's own limits on limits (moby daemon/daemon_unix.go, runc). */
const LEAST_MEMORY = 6 * 1024 * 1024;
const LEAST_CPUS = 0.01;
const OOM_SCORE = 1000;

/** Names as `ulimit` of Docker knows them (docker/go-units). */
const ULIMITS = new Set(
  "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" "),
);

/** What a service may use, as fields of Docker's host config. */
export function readLimits(service: Cursor): Record<string, unknown> {
  const limits = service.at("deploy").at("resources").at("limits");
  const reservations = service.at("deploy").at("resources").at("reservations");
  const memory = readMemory(limits.at("memory")) ?? readMemory(service.at("mem_limit"));
  const reservation = readMemory(reservations.at("memory")) ?? readMemory(service.at("mem_reservation"));
  if (memory !== undefined && reservation !== undefined && memory < reservation) {
    service.at("mem_reservation").refuse("is more than the memory limit");
  }
  return {
    Memory: memory,
    MemoryReservation: reservation,
    MemorySwap: readSwap(service.at("memswap_limit"), memory),
    NanoCpus: nanoCpus(limits.at("cpus")) ?? nanoCpus(service.at("cpus")),
    CpuShares: atLeast(service.at("cpu_shares"), 0),
    CpusetCpus: matching(service.at("cpuset"), /^\d+(-\d+)?(,\d+(-\d+)?)*$/, "processors such as 0-1"),
    PidsLimit: limits.at("pids").whole() ?? service.at("pids_limit").whole(),
    OomScoreAdj: readOomScore(service.at("oom_score_adj")),
    ShmSize: atLeast(service.at("shm_size"), 0),
    Ulimits: readUlimits(service.at("ulimits")),
  };
}

function readMemory(memory: Cursor): number | undefined {
  const bytes = memory.whole();
  if (bytes === undefined || bytes === 0 || bytes >= LEAST_MEMORY) return bytes;
  return memory.refuse(`${bytes} bytes are less than the 6m that a container needs`);
}

function atLeast(place: Cursor, least: number): number | undefined {
  const number = place.whole();
  return number !== undefined && number < least ? place.refuse(`${number} is below ${least}`) : number;
}

// -1 means no limit on swap.
function readSwap(swap: Cursor, memory: number | undefined): number | undefined {
  const bytes = swap.whole();
  if (bytes === undefined || bytes === -1 || bytes === 0) return bytes;
  if (memory === undefined) return swap.refuse("needs a mem_limit beside it");
  return bytes < memory ? swap.refuse("is less than the mem_limit that it includes") : bytes;
}

function nanoCpus(cpus: Cursor): number | undefined {
  const count = cpus.decimal();
  if (count === undefined || count === 0) return count;
  return count < LEAST_CPUS ? cpus.refuse(`${count} is below ${LEAST_CPUS}`) : Math.trunc(count * 1e9);
}

function readOomScore(score: Cursor): number | undefined {
  const number = score.whole();
  if (number === undefined || Math.abs(number) <= OOM_SCORE) return number;
  return score.refuse(`${number} is not between -${OOM_SCORE} and ${OOM_SCORE}`);
}

export function matching(place: Cursor, form: RegExp, what: string): string | undefined {
  const text = place.text();
  return text === undefined || form.test(text) ? text : place.refuse(`"${text}" is not ${what}`);
}

interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

function readUlimits(ulimits: Cursor): Ulimit[] | undefined {
  if (!ulimits.given) return undefined;
  return ulimits.entries().flatMap(([name, limit]) => {
    const single = typeof limit.value === "object" ? undefined : limit.whole();
    // Compose wants both, and leaves zeros out of the model.
    const soft = single ?? limit.at("soft").whole() ?? 0;
    const hard = single ?? limit.at("hard").whole() ?? 0;
    if (!ULIMITS.has(name)) return limit.refuse(`is not one of ${[...ULIMITS].join(", ")}`) ?? [];
    if (hard !== -1 && (soft > hard || soft === -1)) return limit.refuse("soft is more than hard") ?? [];
    return [{ Name: name, Soft: soft, Hard: hard }];
  });
}
