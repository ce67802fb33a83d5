import type { RouterState } from "../core/nat/config.ts";
import { findEgress } from "../core/nat/network.ts";
import { allowancesOf, type NatUsage, translatedAddresses, zoneUsage } from "../core/nat/usage.ts";
import type { RouterDocument } from "../core/router-document.ts";
import type { World } from "../world.ts";

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
