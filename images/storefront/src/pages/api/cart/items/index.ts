import { formAction } from "../../../../shop/form-action.ts";
import { readQuantity } from "../../../../shop/quantity.ts";
import { type Cookies, cartCookie, rememberCart } from "../../../../shop/visitor.ts";
import { addItem, countItems, createCart, findCart } from "../../../../store/carts.ts";
import { shopRegion } from "../../../../store/catalogue.ts";
import { isRefused } from "../../../../store/errors.ts";

export default formAction("/cart", async ({ field, cookies }) => {
  const variant = field("variant");
  const quantity = readQuantity(field("quantity"), 1);
  if (!variant || quantity === undefined) return { goTo: "/cart?notice=quantity" };
  const cartId = (await openCart(cookies)) ?? (await createCart(await shopRegion()));
  const cart = await add(cartId, variant, quantity);
  // Told where the plant is, which says how many are left.
  if (cart === undefined) return { goTo: `${backTo(field("from"))}?notice=sold-out` };
  return { goTo: "/cart?notice=added", cookies: [rememberCart(cartId, countItems(cart))] };
});

/** Undefined when there are not so many. */
async function add(cartId: string, variant: string, quantity: number) {
  try {
    return await addItem(cartId, variant, quantity);
  } catch (error) {
    if (isRefused(error) && error.code === "insufficient_inventory") return undefined;
    throw error;
  }
}

function backTo(handle: string | undefined): string {
  return handle ? `/plants/${encodeURIComponent(handle)}` : "/cart";
}

async function openCart(cookies: Cookies): Promise<string | undefined> {
  const cookie = cartCookie(cookies);
  return cookie && (await findCart(cookie.id))?.id;
}
