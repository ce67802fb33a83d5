import { left } from "../catalogue/stock.ts";
import type { LineItem, Product } from "../store/types.ts";

/** What stands between a line of a cart and its order. */
export type LineTrouble =
  | { readonly kind: "gone" | "sold-out" }
  | { readonly kind: "fewer"; readonly left: number }
  | { readonly kind: "price"; readonly now: number };

export type Troubles = Readonly<Record<string, LineTrouble>>;

/** Compares the lines of a cart with the products as they are sold now; by the line's id. */
export function checkLines(items: readonly LineItem[], products: readonly Product[]): Troubles {
  const variants = new Map(
    products.flatMap(({ variants }) => (variants ?? []).map((each) => [each.id, each] as const)),
  );
  const troubles: Record<string, LineTrouble> = {};
  for (const item of items) {
    const variant = variants.get(item.variant_id ?? "");
    const trouble = variant === undefined ? { kind: "gone" as const } : troubleOf(item, variant);
    if (trouble !== undefined) troubles[item.id] = trouble;
  }
  return troubles;
}

function troubleOf(item: LineItem, variant: NonNullable<Product["variants"]>[number]): LineTrouble | undefined {
  if (!variant.calculated_price) return { kind: "gone" };
  const count = left(variant);
  if (count === 0) return { kind: "sold-out" };
  if (count !== undefined && count < item.quantity) return { kind: "fewer", left: count };
  const now = variant.calculated_price.calculated_amount;
  return Math.abs(now - item.unit_price) < 0.005 ? undefined : { kind: "price", now };
}

/** True where an order would fail until the visitor has changed the cart. */
export const isBlocked = (troubles: Troubles): boolean => Object.values(troubles).some(({ kind }) => kind !== "price");
