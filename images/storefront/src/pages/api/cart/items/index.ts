import { formAction } from "../../../../shop/form-action.ts";
import { readQuantity } from "../../../../shop/quantity.ts";
import { type Cookies, cartCookie, rememberCart } from "../../../../shop/visitor.ts";
import { addItem, countItems, createCart, findCart } from "../../../../store/carts.ts";
import { shopRegion } from "../../../../store/catalogue.ts";

export default formAction("/cart", async ({ field, cookies }) => {
  const variant = field("variant");
  const quantity = readQuantity(field("quantity"), 1);
  if (!variant || quantity === undefined) return { goTo: "/cart?notice=quantity" };
  const cartId = (await openCart(cookies)) ?? (await createCart(await shopRegion()));
  const cart = await addItem(cartId, variant, quantity);
  return { goTo: "/cart?notice=added", cookies: [rememberCart(cartId, countItems(cart))] };
});

async function openCart(cookies: Cookies): Promise<string | undefined> {
  const cookie = cartCookie(cookies);
  return cookie && (await findCart(cookie.id))?.id;
}
