import type { NatConfig } from "./config.ts";
import type { NatOperation } from "./operation.ts";

export const FORWARDING = "net.ipv4.ip_forward";
export const CONNTRACK_MAX = "net.netfilter.nf_conntrack_max";

export const LOOSE = "net.netfilter.nf_conntrack_tcp_loose";

export interface SysctlState {
  readonly value: string;
  /** False inside a network namespace for values the whole machine shares. */
  readonly writable: boolean;
}

export type Sysctls = ReadonlyMap<string, SysctlState>;

/**
 * One limit for whatever is idle: established and half-closed TCP, data that waits for its acknowledgement, and UDP, which
 * the kernel would forget after 30 s when it was one question and one answer.
 */
export const IDLE_SYSCTLS = [
  "tcp_timeout_established",
  "tcp_timeout_fin_wait",
  "tcp_timeout_close_wait",
  "tcp_timeout_max_retrans",
  "tcp_timeout_unacknowledged",
  "udp_timeout",
  "udp_timeout_stream",
].map((name) => `net.netfilter.nf_conntrack_${name}`);

interface WantedSysctl {
  readonly name: string;
  readonly value: number;
  /** A larger value found is left alone. */
  readonly atLeast?: boolean;
  readonly why: string;
}

const MIB = 1024 * 1024;
/** A connection tracking entry is one 256-byte object (kernel 5.15 to 6.18). */
const SMALL_MACHINE_MIB = 384;

/** Flows a machine may track: its own zone's and the copied ones of the other, 34 MB of 512 when full. */
export function conntrackMax(memoryBytes: number): number {
  return memoryBytes / MIB < SMALL_MACHINE_MIB ? 65_536 : 131_072;
}

/** Everything but forwarding itself, which comes last of all. */
export function wantedSysctls(config: NatConfig, memoryBytes: number, devices: readonly string[]): WantedSysctl[] {
  const flows = conntrackMax(memoryBytes);
  return [
    { name: CONNTRACK_MAX, value: flows, atLeast: true, why: "the kernel's own limit on 512 MB is about 4,000 flows" },
    { name: "net.netfilter.nf_conntrack_buckets", value: flows / 2, atLeast: true, why: "two flows a bucket" },
    ...IDLE_SYSCTLS.map((name) => ({ name, value: config.idleSeconds, why: "the idle limit" })),
    { name: LOOSE, value: 1, why: "a flow whose entry was deleted goes on from its middle" },
    ...["all", "default", ...devices].map((device) => ({
      name: `net.ipv4.conf.${device}.send_redirects`,
      value: 0,
      why: "packets leave by the interface they came in by, and clients must not be told to avoid it",
    })),
    ...devices.map((device) => ({
      name: `net.ipv4.conf.${device}.rp_filter`,
      value: 2,
      why: "clients' ranges are reached through another route than the one they come by",
    })),
  ];
}

export function planSysctls(wanted: readonly WantedSysctl[], found: Sysctls): NatOperation[] {
  return wanted.flatMap(({ name, value, atLeast, why }) => {
    const state = found.get(name);
    if (state === undefined || !state.writable) return [];
    const isMet = atLeast ? Number(state.value) >= value : Number(state.value) === value;
    return isMet ? [] : [sysctlOperation(name, String(value), `${why} (it is ${state.value})`)];
  });
}

/** What a router asks for and this namespace cannot have, for people. */
export function unmetSysctls(wanted: readonly WantedSysctl[], found: Sysctls): string[] {
  return wanted.flatMap(({ name, value, atLeast }) => {
    const state = found.get(name);
    if (state === undefined || state.writable || !atLeast || Number(state.value) >= value) return [];
    return [`${name} is ${state.value}, wanted ${value}, and is not writable here`];
  });
}

export function sysctlOperation(sysctl: string, value: string, why: string): NatOperation {
  return { kind: "sysctl", sysctl, value, name: `set ${sysctl}=${value}`, why };
}
