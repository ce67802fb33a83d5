import { setQuantity } from "../store/carts.ts";
import { presentProducts, shopRegion } from "../store/catalogue.ts";
import type { Cart } from "../store/types.ts";
import { checkLines, isBlocked, type Troubles } from "./cart-check.ts";
import { type Cookies, currentCart } from "./visitor.ts";

/** A price that changed since the visitor put the plant into the cart. */
export interface PriceChange {
  readonly line: string;
  readonly name: string;
  readonly old: number;
  readonly now: number;
}

export interface CheckedCart {
  readonly cart: Cart;
  readonly troubles: Troubles;
  readonly isBlocked: boolean;
  readonly changes: readonly PriceChange[];
}

/** The visitor's cart with today's prices, and what of it can no longer be ordered. */
export async function checkedCart(cookies: Cookies): Promise<CheckedCart | undefined> {
  const cart = await currentCart(cookies);
  if (cart === undefined) return undefined;
  const ids = [...new Set(cart.items.flatMap(({ product_id }) => product_id ?? []))];
  const troubles = checkLines(cart.items, await presentProducts(await shopRegion(), ids));
  const dearer = cart.items.filter(({ id }) => troubles[id]?.kind === "price");
  const rest = Object.fromEntries(Object.entries(troubles).filter(([, { kind }]) => kind !== "price"));
  const found = { troubles: rest, isBlocked: isBlocked(rest) };
  if (dearer.length === 0) return { cart, ...found, changes: [] };
  // Medusa keeps the price of the day a plant was put into the cart; setting the quantity anew prices the line anew.
  for (const { id, quantity } of dearer) await setQuantity(cart.id, id, quantity);
  const priced = await currentCart(cookies);
  if (priced === undefined) return undefined;
  return { cart: priced, ...found, changes: changesBetween(cart, priced) };
}

function changesBetween(before: Cart, after: Cart): readonly PriceChange[] {
  return after.items.flatMap((item) => {
    const old = before.items.find(({ id }) => id === item.id);
    if (old === undefined || old.unit_price === item.unit_price) return [];
    const name = item.product_title ?? item.title;
    return [{ line: item.id, name, old: old.unit_price, now: item.unit_price }];
  });
}
