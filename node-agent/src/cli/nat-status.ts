import { routerOf } from "../core/nat/config.ts";
import { FLOW_SYSCTLS, flowsOf, flowsWarning } from "../core/nat/flows.ts";
import { planNat } from "../core/nat/plan.ts";
import { type NatUsage, PORTS } from "../core/nat/usage.ts";
import { done, notYet, until } from "../core/retry.ts";
import { DRAIN_PATH, parseRouterStatus, ROUTER_STATUS_PATH, type RouterStatus } from "../core/router-status.ts";
import { ConfigurationError, EXIT, type ExitCode } from "../errors.ts";
import { readDocument } from "../phases/identify.ts";
import { observe, readState } from "../phases/nat.ts";
import { observeUsage } from "../phases/nat-usage.ts";
import type { World } from "../world.ts";
import type { Invocation } from "./command.ts";

/** Longer than the other router needs to prove itself, take the lease and the route. */
const DRAIN_WAIT_MS = 30_000;

export async function natStatus({ world, print, options }: Invocation): Promise<ExitCode> {
  const router = routerOf(await readDocument(world));
  const plan = planNat(router, await readState(world), await observe(world, router));
  const [sysctls, counters] = await Promise.all([world.sysctl.read(FLOW_SYSCTLS), world.conntrack.counters()]);
  const flows = flowsOf(sysctls, counters);
  const usage = await observeUsage(world, router, await readState(world));
  const pair = await readRouterStatus(world);
  const drift = plan.operations.map(({ name, why }) => `${name} (${why})`);
  if (options.json === true)
    print(JSON.stringify({ isConverged: drift.length === 0, drift, flows, ...usage, pair: pair ?? null }));
  else for (const line of statusLines({ drift, flows, usage, pair, warning: flowsWarning(flows) })) print(line);
  return drift.length === 0 ? EXIT.ready : EXIT.unhealthy;
}

interface StatusView {
  readonly drift: readonly string[];
  readonly flows: ReturnType<typeof flowsOf>;
  readonly usage: NatUsage;
  readonly pair: RouterStatus | undefined;
  readonly warning: string | undefined;
}

function statusLines({ drift, flows, usage, pair, warning }: StatusView): string[] {
  return [
    drift.length === 0 ? "rules    stand" : `rules    ${drift.length} steps away; see greenleaf-agent nat plan`,
    `flows    ${flows.now} of ${flows.max}; ${flows.insertFailed} not inserted, ${flows.earlyDropped} dropped early`,
    ...usageLines(usage),
    ...(pair ? pairLines(pair) : ["serve    not running: nobody watches the other router"]),
    ...(warning === undefined ? [] : [`warning  ${warning}`]),
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

function takeoverLine({ takeover }: RouterStatus): string[] {
  if (takeover === undefined) return [];
  return [`taken    ${takeover.decided}, served ${takeover.ms} ms later: ${takeover.why}`];
}

function pairLines(status: RouterStatus): string[] {
  const { zones, peer, probe, since, event } = status;
  return [
    ...zones.map(
      ({ name, isServed, owner }) =>
        `zone     ${name} ${isServed ? "served here" : "not served here"}, route names ${owner}`,
    ),
    `probe    ${probe.isProven ? `answered in ${probe.ms} ms` : `not proven: ${probe.because}`}`,
    ...(peer ? [`peer     ${peer.state}${peer.because === undefined ? "" : `: ${peer.because}`}`] : []),
    ...takeoverLine(status),
    `last     ${event} (${since})`,
  ];
}

async function readRouterStatus(world: World): Promise<RouterStatus | undefined> {
  return parseRouterStatus(await world.files.read(ROUTER_STATUS_PATH));
}

/** Asks the resident agent to hand its zone to the other router, and waits until that router has it. */
export async function natDrain({ world, log }: Invocation): Promise<ExitCode> {
  if ((await readRouterStatus(world)) === undefined) throw notServing();
  await world.files.write(DRAIN_PATH, "drain\n");
  const wait = {
    what: "the other router to take this zone",
    withinMs: DRAIN_WAIT_MS,
    everyMs: 100,
    fix: "see nat status on both routers",
  };
  await until(world.clock, wait, async () => {
    const status = await readRouterStatus(world);
    if (status?.drain === "done") return done(undefined);
    return notYet(status?.event ?? "the resident agent wrote no status");
  });
  log.emit({ kind: "notice", message: "nat       the other router serves this zone; this one can be replaced" });
  return EXIT.ready;
}

function notServing(): ConfigurationError {
  return new ConfigurationError("nat: this zone cannot be handed over", {
    why: "the resident agent does not run, so nothing copies the flows",
    fix: "start it: systemctl start greenleaf-agent",
  });
}
