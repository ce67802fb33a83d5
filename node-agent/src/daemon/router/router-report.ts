import { AgentError } from "../../base/errors.ts";
import { ROUTER_STATUS_PATH } from "../../base/paths.ts";
import type { RouterDocument } from "../../core/router/document.ts";
import { type RouterStatus, signaturesState } from "../../core/router/status.ts";
import type { World } from "../../world.ts";
import type { FailoverController } from "./failover-controller.ts";
import type { Measured } from "./router-metrics.ts";

/** What has not changed is written anew this often: a reader takes a status of five seconds for one of an agent that hangs. */
const REFRESH_MS = 1_000;

/** Writes what `nat status` reads, when there is something new in it. */
export function routerStatusWriter(world: World, router: RouterDocument, measured: Measured): () => Promise<void> {
  let known = "";
  let writtenAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const status = statusOf(world, router, measured);
    const news = JSON.stringify({ ...status, written: undefined, probe: { ...status.probe, ms: undefined } });
    if (news === known && world.clock.now() - writtenAt < REFRESH_MS) return;
    try {
      await world.files.write(ROUTER_STATUS_PATH, JSON.stringify(status), { mode: 0o644 });
      known = news;
      writtenAt = world.clock.now();
    } catch (error) {
      // A full /run is not a reason to stop routing; the reconciler meets it too and says so.
      if (!(error instanceof AgentError)) throw error;
    }
  };
}

function statusOf(world: World, router: RouterDocument, { reconciler, own, failover, link }: Measured): RouterStatus {
  const { serves } = reconciler.state;
  const zones = router.zones.map(({ name }, index) => {
    const side = index === 0 ? "home" : "peer";
    return { name, isServed: serves[side], owner: failover?.owner(side) ?? "unknown" };
  });
  return {
    zones,
    probe: { isProven: own.isProven, ms: own.ms, ...(own.why === undefined ? {} : { why: own.why }) },
    ...(link ? { signatures: signaturesState(link.keys, link.heartbeat) } : {}),
    ...(failover ? { peer: failover.peer() } : {}),
    drain: drainOf(failover, serves.home),
    failover: failover?.lastFailover,
    ...(reconciler.lastRepair === undefined
      ? {}
      : { repairs: { count: reconciler.repairs, last: reconciler.lastRepair.what, at: reconciler.lastRepair.at } }),
    returning: reconciler.returning,
    event: failover?.event ?? "no other router",
    since: failover?.since ?? "",
    written: world.clock.date().toISOString(),
  };
}

function drainOf(failover: FailoverController | undefined, isServingHome: boolean): RouterStatus["drain"] {
  if (failover?.isDraining !== true) return "no";
  return isServingHome ? "asked" : "done";
}
