import { formAction } from "../../../../shop/form-action.ts";
import { readQuantity } from "../../../../shop/quantity.ts";
import { currentCart, rememberCart } from "../../../../shop/visitor.ts";
import { countItems, setQuantity } from "../../../../store/carts.ts";

export default formAction("/cart", async ({ field, cookies }) => {
  const line = field("line");
  const quantity = readQuantity(field("quantity"), 0);
  if (quantity === undefined) return { goTo: "/cart?notice=quantity" };
  const cart = await currentCart(cookies);
  if (cart === undefined || !cart.items.some(({ id }) => id === line)) return { goTo: "/cart?notice=gone" };
  const changed = await setQuantity(cart.id, line ?? "", quantity);
  return { goTo: "/cart", cookies: [rememberCart(cart.id, countItems(changed))] };
});
