import { FLOW_SYSCTLS, type Flows, flowsOf } from "../../core/nat/flows.ts";
import type { World } from "../../world.ts";
import type { Pair } from "./pair.ts";
import type { PathWatch } from "./path-watch.ts";
import type { RulesKeeper } from "./rules-keeper.ts";

export interface Measured {
  readonly keeper: RulesKeeper;
  readonly own: PathWatch;
  readonly pair?: Pair;
}

/** What /metrics says of a router, in Prometheus' text. */
export async function routerMetrics(world: World, measured: Measured): Promise<string> {
  const [sysctls, counters] = await Promise.all([world.sysctl.read(FLOW_SYSCTLS), world.conntrack.counters()]);
  return `${[...flowLines(flowsOf(sysctls, counters)), ...stateLines(measured)].join("\n")}\n`;
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

function stateLines({ keeper, own, pair }: Measured): string[] {
  const { serves } = keeper.state;
  return [
    `greenleaf_router_serves{zone="home"} ${Number(serves.home)}`,
    `greenleaf_router_serves{zone="peer"} ${Number(serves.peer)}`,
    `greenleaf_router_probe_proven ${Number(own.isProven)}`,
    `greenleaf_router_probe_ms ${own.ms}`,
    `greenleaf_router_repairs_total ${keeper.repairs}`,
    ...(pair
      ? [
          `greenleaf_router_takeovers_total ${pair.counts.takeovers}`,
          `greenleaf_router_handbacks_total ${pair.counts.handbacks}`,
          `greenleaf_router_step_failures_total ${pair.counts.failures}`,
        ]
      : []),
  ];
}
