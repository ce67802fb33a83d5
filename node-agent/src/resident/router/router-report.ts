import type { RouterDocument } from "../../core/router-document.ts";
import { ROUTER_STATUS_PATH, type RouterStatus } from "../../core/router-status.ts";
import { AgentError } from "../../errors.ts";
import type { World } from "../../world.ts";
import type { Pair } from "./pair.ts";
import type { Measured } from "./router-metrics.ts";

/** Writes what `nat status` reads. */
export async function writeRouterStatus(world: World, router: RouterDocument, measured: Measured): Promise<void> {
  try {
    await world.files.write(ROUTER_STATUS_PATH, JSON.stringify(statusOf(world, router, measured)), { mode: 0o644 });
  } catch (error) {
    // A full /run is not a reason to stop routing; the rules keeper meets it too and says so.
    if (!(error instanceof AgentError)) throw error;
  }
}

function statusOf(world: World, router: RouterDocument, { keeper, own, pair }: Measured): RouterStatus {
  const { serves } = keeper.state;
  const zones = router.zones.map(({ name }, index) => {
    const side = index === 0 ? "home" : "peer";
    return { name, isServed: serves[side], owner: pair?.owner(side) ?? "unknown" };
  });
  return {
    zones,
    probe: { isProven: own.isProven, ms: own.ms, ...(own.because === undefined ? {} : { because: own.because }) },
    ...(pair ? { peer: pair.peer() } : {}),
    drain: drainOf(pair, serves.home),
    takeover: pair?.takeover,
    event: pair?.event ?? "no other router",
    since: pair?.since ?? "",
    written: world.clock.date().toISOString(),
  };
}

function drainOf(pair: Pair | undefined, isServingHome: boolean): RouterStatus["drain"] {
  if (pair?.isDraining !== true) return "no";
  return isServingHome ? "asked" : "done";
}
