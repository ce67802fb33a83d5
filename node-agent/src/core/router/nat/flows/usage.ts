import type { RouterDocument } from "../../document.ts";
import { addressOf, natConfig, type RouterState } from "../config.ts";

/** What one zone's packets came to since its rules were last loaded. */
export interface ZoneUsage {
  readonly zone: string;
  /** Only the first packet of a flow passes the rule that translates. */
  readonly newFlows: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** Flows that one private address, and the public one it carries, has in the kernel's table. */
export interface PortUsage {
  readonly address: string;
  readonly flows: number;
}

export interface NatUsage {
  readonly zones: readonly ZoneUsage[];
  readonly ports: readonly PortUsage[];
  /** What an ENA driver tells of the instance's limits, by its own names; empty elsewhere. */
  readonly allowances: Readonly<Record<string, number>>;
}

/** Ports a translated flow may take, to each address and port outside. */
export const PORTS = 64_512;

interface Counted {
  readonly rule: string;
  readonly packets: number;
  readonly bytes: number;
}

/** Reads `iptables-save -c`: our own rules count each zone's packets. */
export function zoneUsage(dump: string, router: RouterDocument, state: RouterState): ZoneUsage[] {
  const counted = [...dump.matchAll(/^\[(\d+):(\d+)\] -A (.*)$/gm)].map(
    ([, packets, bytes, rule]): Counted => ({ rule: rule ?? "", packets: Number(packets), bytes: Number(bytes) }),
  );
  const sum = (of: "packets" | "bytes", wanted: readonly string[]) =>
    counted
      .filter(({ rule }) => wanted.some((start) => rule.startsWith(start)))
      .reduce((all, each) => all + each[of], 0);
  return natConfig(router, state)
    .translations.filter(({ name }) => name !== "probe")
    .map(({ name, sources }) => ({
      zone: name,
      newFlows: sum(
        "packets",
        sources.map((source) => `GREENLEAF-NAT -s ${source} `),
      ),
      bytesOut: sum(
        "bytes",
        sources.map((source) => `GREENLEAF-FORWARD -s ${source} -j GREENLEAF-OUT`),
      ),
      bytesIn: sum(
        "bytes",
        sources.map((source) => `GREENLEAF-FORWARD -d ${source} -j GREENLEAF-IN`),
      ),
    }));
}

/** The addresses a router translates to: its own, and the one that carries the other zone's public address. */
export function translatedAddresses({ zones: [home] }: RouterDocument): string[] {
  if (home?.address === undefined) return [];
  return [addressOf(home.address), ...(home.standby === undefined ? [] : [home.standby])];
}

/** Picks the allowances out of `ethtool -S`. */
export function allowancesOf(statistics: string): Record<string, number> {
  const found = statistics.matchAll(/^\s*(\w+_allowance_(?:exceeded|available)): (\d+)$/gm);
  return Object.fromEntries([...found].map(([, name = "", value]) => [name, Number(value)]));
}
