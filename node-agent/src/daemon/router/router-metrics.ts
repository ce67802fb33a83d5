import { FLOW_SYSCTLS, type Flows, flowsOf } from "../../core/router/nat/flows/flows.ts";
import type { Talker, Talkers } from "../../core/router/nat/flows/talkers.ts";
import type { NatUsage } from "../../core/router/nat/flows/usage.ts";
import type { World } from "../../world.ts";
import type { FailoverController } from "./failover-controller.ts";
import type { FlowEnds } from "./flow-ends.ts";
import type { HeartbeatLink } from "./heartbeat.ts";
import type { HeartbeatKeys } from "./heartbeat-keys.ts";
import type { NatReconciler } from "./nat-reconciler.ts";
import type { PathProber } from "./path-prober.ts";

export interface Link {
  readonly heartbeat: HeartbeatLink;
  readonly keys: HeartbeatKeys;
}

export interface Measured {
  readonly reconciler: NatReconciler;
  readonly own: PathProber;
  readonly failover?: FailoverController;
  readonly link?: Link;
  readonly flowEnds: FlowEnds;
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

export function talkerLines({ clients, destinations, refused }: Talkers): string[] {
  const lines = (name: string, label: string, all: readonly Talker[]) =>
    all.map(({ address, flows }) => `greenleaf_nat_${name}{${label}="${address}"} ${flows}`);
  return [
    ...lines("client_flows", "client", clients),
    ...lines("destination_flows", "destination", destinations),
    ...lines("client_flows_refused", "client", refused),
  ];
}

const PEER_STATES = ["proven", "heard", "not proven", "silent"] as const;

function pairLines(failover: FailoverController): string[] {
  const { state } = failover.peer();
  return [
    ...PEER_STATES.map((name) => `greenleaf_router_peer{state="${name}"} ${Number(name === state)}`),
    ...(["home", "peer"] as const).map(
      (side) => `greenleaf_router_owns{zone="${side}"} ${Number(failover.owner(side) === "this router")}`,
    ),
    `greenleaf_router_failovers_total ${failover.counts.failovers}`,
    `greenleaf_router_failbacks_total ${failover.counts.failbacks}`,
    `greenleaf_router_step_failures_total ${failover.counts.failures}`,
    ...(failover.lastFailover === undefined ? [] : [`greenleaf_router_failover_ms ${failover.lastFailover.ms}`]),
  ];
}

function linkLines({ heartbeat, keys }: Link): string[] {
  return [
    `greenleaf_router_heartbeat_key ${Number(keys.areKnown)}`,
    `greenleaf_router_heartbeats_refused_total ${heartbeat.refusals}`,
  ];
}

function stateLines({ reconciler, own, failover, link, flowEnds }: Measured): string[] {
  const { serves } = reconciler.state;
  return [
    `greenleaf_router_serves{zone="home"} ${Number(serves.home)}`,
    `greenleaf_router_serves{zone="peer"} ${Number(serves.peer)}`,
    `greenleaf_router_probe_proven ${Number(own.isProven)}`,
    `greenleaf_router_probe_ms ${own.ms}`,
    ...talkerLines(flowEnds.talkers),
    `greenleaf_nat_flows_restored_total ${flowEnds.restored}`,
    `greenleaf_router_repairs_total ${reconciler.repairs}`,
    `greenleaf_router_drift_returning ${reconciler.returning?.times ?? 0}`,
    ...(own.ageMs === undefined ? [] : [`greenleaf_router_probe_age_seconds ${(own.ageMs / 1000).toFixed(1)}`]),
    ...(failover ? pairLines(failover) : []),
    ...(link ? linkLines(link) : []),
  ];
}
