import type { ContainerSpec } from "../compose/container-body.ts";
import type { Limits } from "../engine.ts";
import type { ObservedContainer } from "../observed.ts";

export interface Drift {
  /** What differs, as in `its memory is 12582912, not 402653184`. */
  readonly why: string;
  /** What the engine can change while the container runs; undefined when it cannot take a limit away. */
  readonly limits: Limits | undefined;
}

const WORDS = {
  memory: "memory",
  nanoCpus: "share of processors",
  pids: "number of processes",
  restart: "restart policy",
};

const NAMES = ["memory", "nanoCpus", "pids", "restart"] as const;

/**
 * How the limits of a container differ from what it was made with: somebody edited them by hand. One that is not there
 * at all was discarded by the engine, whose kernel cannot keep it; by hand none can be taken away.
 */
export function driftOf({ limits }: ObservedContainer, spec: ContainerSpec): Drift | undefined {
  if (limits === undefined) return undefined;
  const wanted = wantedLimits(spec.body.HostConfig);
  const names = NAMES.filter((name) => limits[name] !== wanted[name] && limits[name] !== 0);
  if (names.length === 0) return undefined;
  const why = names.map((name) => `its ${WORDS[name]} is ${limits[name]}, not ${wanted[name]}`).join("; ");
  const isTakenAway = names.some((name) => (name === "memory" || name === "nanoCpus") && wanted[name] === 0);
  return { why, limits: isTakenAway ? undefined : wanted };
}

function wantedLimits({
  Memory,
  MemorySwap,
  NanoCpus,
  PidsLimit,
  RestartPolicy,
}: Readonly<Record<string, unknown>>): Limits {
  const memory = numberOf(Memory);
  const { Name, MaximumRetryCount } = (RestartPolicy ?? {}) as { Name?: string; MaximumRetryCount?: number };
  return {
    memory,
    // As the engine does it where nothing is said.
    swap: MemorySwap === undefined ? 2 * memory : numberOf(MemorySwap),
    nanoCpus: numberOf(NanoCpus),
    pids: Math.max(0, numberOf(PidsLimit)),
    restart: restartText(Name, MaximumRetryCount),
  };
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);

/** As Compose writes it: `always`, `on-failure:3`, `no`. */
export function restartText(name: string | undefined, retries = 0): string {
  if (name === undefined || name === "") return "no";
  return retries > 0 ? `${name}:${retries}` : name;
}
