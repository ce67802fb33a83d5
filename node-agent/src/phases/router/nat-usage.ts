import type { RouterDocument } from "../../core/router/document.ts";
import type { RouterState } from "../../core/router/nat/config.ts";
import { allowancesOf, type NatUsage, translatedAddresses, zoneUsage } from "../../core/router/nat/flows/usage.ts";
import { findEgress } from "../../core/router/nat/network.ts";
import type { World } from "../../world.ts";

/** What packets, ports and the instance's limits came to; reads the kernel, changes nothing. */
export async function observeUsage(world: World, router: RouterDocument, state: RouterState): Promise<NatUsage> {
  const [dump, ports, statistics] = await Promise.all([
    world.iptables.counters(),
    Promise.all(
      translatedAddresses(router).map(async (address) => ({
        address,
        flows: await world.conntrack.translated(address),
      })),
    ),
    egressStatistics(world, router),
  ]);
  return { zones: zoneUsage(dump, router, state), ports, allowances: allowancesOf(statistics) };
}

async function egressStatistics({ links }: World, { zones: [home] }: RouterDocument): Promise<string> {
  if (home === undefined) return "";
  const egress = findEgress(home, await links.observe());
  return "device" in egress ? links.statistics(egress.device) : "";
}
