import type { Ec2 } from "../../adapters/aws/ec2.ts";
import { type Clock, done, pending, until } from "../../base/wait.ts";
import type { RouterZone } from "../../core/router/document.ts";
import type { World } from "../../world.ts";
import type { ConntrackReplica } from "./conntrack-replica.ts";
import type { HeartbeatLink } from "./heartbeat.ts";

/** NAT Gateway's limit, where the document names none. */
const IDLE_SECONDS = 350;

export interface CopiedFlows {
  readonly copies: readonly ConntrackReplica[];
  /** Where their answers will come to. */
  readonly address: string;
  readonly idleSeconds: number | undefined;
}

/** Loads the other router's flows; gives what to tell of it. `isFresh` asks for a last whole copy while that can be had. */
export async function loadFlows(world: World, flows: CopiedFlows, isFresh: boolean): Promise<string> {
  const { copies, address, idleSeconds = IDLE_SECONDS } = flows;
  let loaded = 0;
  let stale = 0;
  for (const copy of copies) {
    if (isFresh) await copy.refresh().catch(() => (stale += 1));
    loaded += await world.conntrack.load(copy.lines({ address, idleSeconds }));
  }
  return `${loaded} flows loaded${stale > 0 ? "; a last copy of them could not be had" : ""}`;
}

/** The other router loads its flows and its rules while it is given its zone. */
const ACCEPT_WAIT_MS = 8_000;

/** Returns when the other router says that it serves its zone. */
export function accepted(clock: Clock, heartbeat: HeartbeatLink): Promise<void> {
  const wait = {
    what: "the other router to accept its zone",
    withinMs: ACCEPT_WAIT_MS,
    everyMs: 50,
    growth: 1,
    fix: "see nat status there",
  };
  return until(clock, wait, async () =>
    heartbeat.last?.serves.home === true ? done(undefined) : pending("its heartbeat says no"),
  );
}

export interface Destination {
  readonly interfaceId: string;
  /** Undefined moves the route alone. */
  readonly privateAddress: string | undefined;
}

/** Route and public address at once: neither is of use without the other. */
export async function moveZone(
  api: Ec2,
  zone: RouterZone,
  { interfaceId, privateAddress }: Destination,
): Promise<void> {
  const { routeTable, allocation } = zone;
  await Promise.all([
    routeTable === undefined ? undefined : api.replaceRoute(routeTable, interfaceId),
    allocation === undefined || privateAddress === undefined
      ? undefined
      : api.associateAddress(allocation, interfaceId, privateAddress),
  ]);
}
