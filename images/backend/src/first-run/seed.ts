import type { MedusaContainer } from "@medusajs/framework/types";
import type { Admin, Shop } from "../environment.ts";
import { seedAdmin } from "./seed-admin.ts";
import { seedReasons } from "./seed-reasons.ts";
import { seedRegion, seedTaxes } from "./seed-region.ts";
import { seedShipping } from "./seed-shipping.ts";
import { defaultChannel, seedKey, seedStore } from "./seed-store.ts";

export type Seeding = {
  shop: Shop;
  admin: Admin;
  /** The database was a shop before it came here: how it sells is its keeper's. */
  isMovedIn: boolean;
};

/**
 * Makes what a shop needs before its first product: prices, taxes, a way to ship, somebody who may log in, and the key
 * that the storefront shows. Each step looks first, so that a job which died half-way is simply run again.
 */
export async function seed(container: MedusaContainer, { shop, admin, isMovedIn }: Seeding): Promise<string> {
  const salesChannelId = isMovedIn ? await defaultChannel(container) : await seedSelling(container, shop);
  await seedReasons(container);
  await seedAdmin(container, admin);
  return seedKey(container, salesChannelId);
}

async function seedSelling(container: MedusaContainer, shop: Shop): Promise<string> {
  const salesChannelId = await seedStore(container, shop);
  const regionId = await seedRegion(container, shop);
  await seedTaxes(container, shop);
  await seedShipping(container, { shop, salesChannelId, regionId });
  return salesChannelId;
}
