import { ConfigurationError, EXIT, type ExitCode } from "../../base/errors.ts";
import { ROUTER_DRAIN_PATH, ROUTER_STATUS_PATH } from "../../base/paths.ts";
import { done, pending, until } from "../../base/wait.ts";
import { routerOf } from "../../core/router/nat/config.ts";
import { FLOW_SYSCTLS, flowsOf, flowsWarning } from "../../core/router/nat/flows/flows.ts";
import { type Talker, type Talkers, talkersOf } from "../../core/router/nat/flows/talkers.ts";
import { type NatUsage, PORTS } from "../../core/router/nat/flows/usage.ts";
import { planNat } from "../../core/router/nat/plan.ts";
import { parseRouterStatus, type RouterStatus, staleMs } from "../../core/router/status.ts";
import { readDocument } from "../../phases/boot/identify.ts";
import { observe, readState } from "../../phases/router/nat.ts";
import { observeUsage } from "../../phases/router/nat-usage.ts";
import type { World } from "../../world.ts";
import type { Invocation } from "../command.ts";

/** Longer than the other router needs to prove itself, take the lease and the route. */
const DRAIN_WAIT_MS = 30_000;

export async function natStatus({ world, print, options }: Invocation): Promise<ExitCode> {
  const router = routerOf(await readDocument(world));
  const plan = planNat(router, await readState(world), await observe(world, router));
  const [sysctls, counters] = await Promise.all([world.sysctl.read(FLOW_SYSCTLS), world.conntrack.counters()]);
  const flows = flowsOf(sysctls, counters);
  const usage = await observeUsage(world, router, await readState(world));
  const talkers = talkersOf(await world.conntrack.list(router.zones.flatMap(({ sources }) => sources)));
  const pair = await readRouterStatus(world);
  const stale = pair && staleMs(pair, world.clock.date());
  const drift = plan.operations.map(({ name, why }) => `${name} (${why})`);
  if (options.json === true)
    print(
      JSON.stringify({
        isConverged: drift.length === 0,
        drift,
        notes: plan.notes,
        flows,
        ...usage,
        talkers,
        pair: pair ?? null,
        isStale: stale !== undefined,
      }),
    );
  else
    for (const line of statusLines({
      drift,
      flows,
      usage,
      talkers,
      pair,
      stale,
      warnings: [flowsWarning(flows) ?? [], ...plan.notes].flat(),
    }))
      print(line);
  return drift.length === 0 && stale === undefined ? EXIT.ready : EXIT.unhealthy;
}

export interface StatusView {
  readonly drift: readonly string[];
  readonly flows: ReturnType<typeof flowsOf>;
  readonly usage: NatUsage;
  readonly talkers: Talkers;
  readonly pair: RouterStatus | undefined;
  /** The age of a status that nobody keeps true any more. */
  readonly stale: number | undefined;
  readonly warnings: readonly string[];
}

/** What people read. */
export function statusLines({ drift, flows, usage, talkers, pair, stale, warnings }: StatusView): string[] {
  return [
    drift.length === 0 ? "rules    stand" : `rules    ${drift.length} steps away; see greenleaf-agent nat plan`,
    `flows    ${flows.now} of ${flows.max}; ${flows.insertFailed} not inserted, ${flows.earlyDropped} dropped early`,
    ...usageLines(usage),
    ...talkerLines(talkers),
    ...(stale === undefined ? [] : [`serve    hangs or has ended: what follows is ${Math.round(stale / 1000)} s old`]),
    ...(pair ? pairLines(pair) : ["serve    not running: nobody watches the other router"]),
    ...warnings.map((warning) => `warning  ${warning}`),
  ];
}

function talkerLines({ clients, destinations, refused }: Talkers): string[] {
  const told = (all: readonly Talker[]) => all.map(({ address, flows }) => `${address} (${flows})`).join(", ");
  if (clients.length === 0) return [];
  return [
    `most     flows from ${told(clients)}`,
    `most     flows to ${told(destinations)}`,
    ...(refused.length > 0 ? [`most     flows refused, of ${told(refused)}`] : []),
  ];
}

function usageLines({ zones, ports, allowances }: NatUsage): string[] {
  const limits = Object.entries(allowances).map(([name, value]) => `${name} ${value}`);
  return [
    ...zones.map(
      ({ zone, newFlows, bytesOut, bytesIn }) =>
        `traffic  ${zone} ${newFlows} new flows, ${bytesOut} bytes out, ${bytesIn} in, since its rules were loaded`,
    ),
    ...ports.map(({ address, flows }) => `ports    ${flows} flows by ${address}; ${PORTS} to each address and port`),
    ...(limits.length > 0 ? [`ena      ${limits.join(", ")}`] : []),
  ];
}

function failoverLine({ failover }: RouterStatus): string[] {
  if (failover === undefined) return [];
  return [`taken    ${failover.decided}, served ${failover.ms} ms later: ${failover.why}`];
}

function repairLine({ repairs }: RouterStatus): string[] {
  if (repairs === undefined) return [];
  return [`repaired ${repairs.count} times what others changed, last ${repairs.at}: ${repairs.last}`];
}

function returningLine({ returning }: RouterStatus): string[] {
  if (returning === undefined) return [];
  const { what, times, by } = returning;
  const who = by.length === 0 ? "" : `; seen at the rules: ${by.join(", ")}`;
  return [`alarm    put back ${times} times in a minute, and changed again: ${what}${who}`];
}

function signaturesLine({ signatures }: RouterStatus): string[] {
  if (signatures === undefined) return [];
  const reason = signatures.why === undefined ? "" : ` (${signatures.why})`;
  const told = {
    both: "heartbeats are signed",
    own: "the other router's heartbeats are not signed: an older version, or without the key",
    none: `no key for heartbeats yet${reason}: this zone is served, the other is not taken over`,
  };
  return [`signed   ${told[signatures.state]}`];
}

function pairLines(status: RouterStatus): string[] {
  const { zones, peer, probe, since, event } = status;
  return [
    ...zones.map(
      ({ name, isServed, owner }) =>
        `zone     ${name} ${isServed ? "served here" : "not served here"}, route names ${owner}`,
    ),
    `probe    ${probe.isProven ? `answered in ${probe.ms} ms` : `not proven: ${probe.why}`}`,
    ...(peer ? [`peer     ${peer.state}${peer.why === undefined ? "" : `: ${peer.why}`}`] : []),
    ...signaturesLine(status),
    ...failoverLine(status),
    ...repairLine(status),
    ...returningLine(status),
    `last     ${event} (${since})`,
  ];
}

async function readRouterStatus(world: World): Promise<RouterStatus | undefined> {
  return parseRouterStatus(await world.files.read(ROUTER_STATUS_PATH));
}

/** Asks the daemon to hand its zone to the other router, and waits until that router has it. */
export async function natDrain({ world, log }: Invocation): Promise<ExitCode> {
  const found = await readRouterStatus(world);
  if (found === undefined || staleMs(found, world.clock.date()) !== undefined) throw notServing();
  await world.files.write(ROUTER_DRAIN_PATH, "drain\n");
  const wait = {
    what: "the other router to take this zone",
    withinMs: DRAIN_WAIT_MS,
    everyMs: 100,
    fix: "see nat status on both routers",
  };
  await until(world.clock, wait, async () => {
    const status = await readRouterStatus(world);
    if (status?.drain === "done") return done(undefined);
    return pending(status?.event ?? "the daemon wrote no status");
  });
  log.emit({ kind: "notice", message: "nat       the other router serves this zone; this one can be replaced" });
  return EXIT.ready;
}

function notServing(): ConfigurationError {
  return new ConfigurationError("nat: this zone cannot be handed over", {
    code: "nat.not-serving",
    why: "the daemon does not run, so nothing copies the flows",
    fix: "start it: systemctl start greenleaf-agent",
  });
}
