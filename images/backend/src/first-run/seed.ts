import type { MedusaContainer } from "@medusajs/framework/types";
import type { Job } from "./run-once.ts";
import { seedAdmin } from "./seed-admin.ts";
import { seedReasons } from "./seed-reasons.ts";
import { seedRegion, seedTaxes } from "./seed-region.ts";
import { seedShipping } from "./seed-shipping.ts";
import { seedKey, seedStore } from "./seed-store.ts";

/**
 * Makes what a shop needs before its first product: prices, taxes, a way to ship, somebody who may log in, and the key
 * that the storefront shows. Each step looks first, so that a job which died half-way is simply run again.
 */
export async function seed(container: MedusaContainer, { shop, admin }: Pick<Job, "shop" | "admin">): Promise<string> {
  const salesChannelId = await seedStore(container, shop);
  const regionId = await seedRegion(container, shop);
  await seedTaxes(container, shop);
  await seedShipping(container, { shop, salesChannelId, regionId });
  await seedReasons(container);
  await seedAdmin(container, admin);
  return seedKey(container, salesChannelId);
}
