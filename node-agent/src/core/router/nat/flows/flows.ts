import { CONNTRACK_MAX } from "../sysctls.ts";

export const CONNTRACK_COUNT = "net.netfilter.nf_conntrack_count";
export const FLOW_SYSCTLS = [CONNTRACK_COUNT, CONNTRACK_MAX];

/** The kernel's table of flows, in numbers; counters count since the machine started. */
export interface Flows {
  readonly now: number;
  readonly max: number;
  readonly inserted: number;
  readonly insertFailed: number;
  readonly dropped: number;
  readonly earlyDropped: number;
  readonly invalid: number;
  readonly searchRestarts: number;
}

export function flowsOf(
  sysctls: ReadonlyMap<string, { value: string }>,
  counters: Readonly<Record<string, number>>,
): Flows {
  const value = (name: string) => Number(sysctls.get(name)?.value ?? 0);
  return {
    now: value(CONNTRACK_COUNT),
    max: value(CONNTRACK_MAX),
    inserted: counters.insert ?? 0,
    insertFailed: counters.insert_failed ?? 0,
    dropped: counters.drop ?? 0,
    earlyDropped: counters.early_drop ?? 0,
    invalid: counters.invalid ?? 0,
    searchRestarts: counters.search_restart ?? 0,
  };
}

/** Share of the table that is a warning; a full one drops new flows without a word. */
export const FULL_WARNING = 0.8;

/** What is wrong with the table of flows, for people; undefined when nothing is. */
export function flowsWarning({ now, max, insertFailed }: Flows): string | undefined {
  if (max > 0 && now / max >= FULL_WARNING)
    return `the flow table is ${Math.round((now / max) * 100)} % full (${now} of ${max})`;
  if (insertFailed > 0) return `${insertFailed} flows found no free port or entry since boot`;
  return undefined;
}
