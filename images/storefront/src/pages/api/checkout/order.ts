import { formAction } from "../../../shop/form-action.ts";
import { currentCart, forgetCart, rememberOrder } from "../../../shop/visitor.ts";
import { hasAddress, listShippingOptions, placeOrder, setShipping } from "../../../store/carts.ts";
import type { Cart } from "../../../store/types.ts";

export default formAction("/checkout/delivery", async ({ field, cookies }) => {
  const cart = await currentCart(cookies);
  if (cart === undefined || cart.items.length === 0) return { goTo: "/cart?notice=gone" };
  if (!hasAddress(cart)) return { goTo: "/checkout" };
  const changed = await chooseShipping(cart, field("option"));
  if (changed === undefined) return { goTo: "/checkout/delivery?notice=delivery" };
  if (field("place") === undefined) return { goTo: "/checkout/delivery" };
  // A total the visitor has not seen is never charged.
  if (changed || field("total") !== String(cart.total)) return { goTo: "/checkout/delivery?notice=total" };
  const order = await placeOrder(cart.id);
  return { goTo: `/order/${order}`, cookies: [rememberOrder(order), forgetCart()] };
});

/** True when the cart's delivery was changed; undefined when the choice is not one of the cart's. */
async function chooseShipping(cart: Cart, option: string | undefined): Promise<boolean | undefined> {
  if (cart.shipping_methods.some(({ shipping_option_id }) => shipping_option_id === option)) return false;
  const options = await listShippingOptions(cart.id);
  const chosen = options.find(({ id }) => id === option);
  if (chosen === undefined) return undefined;
  await setShipping(cart.id, chosen.id);
  return true;
}
