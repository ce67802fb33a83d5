import type { Product, Variant } from "../store/types.ts";

/** From so few on a customer is told how many are left. */
const FEW = 5;

/** How many can be had; undefined where nobody counts. */
export function left(variant: Variant): number | undefined {
  if (!variant.manage_inventory || variant.allow_backorder || typeof variant.inventory_quantity !== "number") {
    return undefined;
  }
  return Math.max(0, Math.floor(variant.inventory_quantity));
}

export const isSoldOut = (variant: Variant): boolean => left(variant) === 0;

/** The number worth saying: few, but not none. */
export function fewLeft(variant: Variant): number | undefined {
  const count = left(variant);
  return count !== undefined && count > 0 && count <= FEW ? count : undefined;
}

/** True when nothing of a product can be bought, though it has a price. */
export function isAllSoldOut({ variants }: Product): boolean {
  const priced = (variants ?? []).filter(({ calculated_price }) => calculated_price);
  return priced.length > 0 && priced.every(isSoldOut);
}
