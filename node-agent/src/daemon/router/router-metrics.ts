import { FLOW_SYSCTLS, type Flows, flowsOf } from "../../core/nat/flows.ts";
import type { NatUsage } from "../../core/nat/usage.ts";
import type { World } from "../../world.ts";
import type { Pair } from "./pair.ts";
import type { PathWatch } from "./path-watch.ts";
import type { RulesKeeper } from "./rules-keeper.ts";

export interface Measured {
  readonly keeper: RulesKeeper;
  readonly own: PathWatch;
  readonly pair?: Pair;
  /** Looked at seldom: it reads the whole table of flows. */
  readonly usage?: NatUsage | undefined;
}

/** What /metrics says of a router, in Prometheus' text. */
export async function routerMetrics(world: World, measured: Measured): Promise<string> {
  const [sysctls, counters] = await Promise.all([world.sysctl.read(FLOW_SYSCTLS), world.conntrack.counters()]);
  const usage = measured.usage === undefined ? [] : usageLines(measured.usage);
  return `${[...flowLines(flowsOf(sysctls, counters)), ...usage, ...stateLines(measured)].join("\n")}\n`;
}

function flowLines(flows: Flows): string[] {
  return [
    `greenleaf_nat_flows ${flows.now}`,
    `greenleaf_nat_flows_max ${flows.max}`,
    `greenleaf_nat_flows_inserted_total ${flows.inserted}`,
    // AWS calls this ErrorPortAllocation: no port or no entry was free.
    `greenleaf_nat_insert_failed_total ${flows.insertFailed}`,
    `greenleaf_nat_dropped_total ${flows.dropped}`,
    `greenleaf_nat_early_dropped_total ${flows.earlyDropped}`,
    `greenleaf_nat_invalid_total ${flows.invalid}`,
  ];
}

function usageLines({ zones, ports, allowances }: NatUsage): string[] {
  return [
    ...zones.flatMap(({ zone, newFlows, bytesOut, bytesIn }) => [
      `greenleaf_nat_new_flows_total{zone="${zone}"} ${newFlows}`,
      `greenleaf_nat_bytes_total{zone="${zone}",direction="out"} ${bytesOut}`,
      `greenleaf_nat_bytes_total{zone="${zone}",direction="in"} ${bytesIn}`,
    ]),
    ...ports.map(({ address, flows }) => `greenleaf_nat_ports_used{address="${address}"} ${flows}`),
    ...Object.entries(allowances).map(([name, value]) => `greenleaf_ena_${name} ${value}`),
  ];
}

const PEER_STATES = ["proven", "heard", "not proven", "silent"] as const;

function pairLines(pair: Pair): string[] {
  const { state } = pair.peer();
  return [
    ...PEER_STATES.map((name) => `greenleaf_router_peer{state="${name}"} ${Number(name === state)}`),
    ...(["home", "peer"] as const).map(
      (side) => `greenleaf_router_owns{zone="${side}"} ${Number(pair.owner(side) === "this router")}`,
    ),
    `greenleaf_router_takeovers_total ${pair.counts.takeovers}`,
    `greenleaf_router_handbacks_total ${pair.counts.handbacks}`,
    `greenleaf_router_step_failures_total ${pair.counts.failures}`,
    ...(pair.takeover === undefined ? [] : [`greenleaf_router_takeover_ms ${pair.takeover.ms}`]),
  ];
}

function stateLines({ keeper, own, pair }: Measured): string[] {
  const { serves } = keeper.state;
  return [
    `greenleaf_router_serves{zone="home"} ${Number(serves.home)}`,
    `greenleaf_router_serves{zone="peer"} ${Number(serves.peer)}`,
    `greenleaf_router_probe_proven ${Number(own.isProven)}`,
    `greenleaf_router_probe_ms ${own.ms}`,
    `greenleaf_router_repairs_total ${keeper.repairs}`,
    ...(own.ageMs === undefined ? [] : [`greenleaf_router_probe_age_seconds ${(own.ageMs / 1000).toFixed(1)}`]),
    ...(pair ? pairLines(pair) : []),
  ];
}
