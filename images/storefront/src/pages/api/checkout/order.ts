import { checkedCart } from "../../../shop/checked-cart.ts";
import { formAction, type Outcome } from "../../../shop/form-action.ts";
import { cartCookie, forgetCart, rememberOrder } from "../../../shop/visitor.ts";
import { completeCart, hasAddress, listShippingOptions, placeOrder, setShipping } from "../../../store/carts.ts";
import type { Cart } from "../../../store/types.ts";

export default formAction("/checkout/delivery", async ({ field, cookies }) => {
  const cookie = cartCookie(cookies);
  if (cookie === undefined) return { goTo: "/cart?notice=gone" };
  const checked = await checkedCart(cookies);
  // The same form sent again, by a second click or after its answer was lost: the order is shown, not placed anew.
  if (checked === undefined) return showOrder(await completeCart(cookie.id));
  const { cart } = checked;
  if (cart.items.length === 0) return { goTo: "/cart?notice=gone" };
  // The cart says which of its plants, and why.
  if (checked.isBlocked) return { goTo: "/cart" };
  if (!hasAddress(cart)) return { goTo: "/checkout" };
  const changed = await chooseShipping(cart, field("option"));
  if (changed === undefined) return { goTo: "/checkout/delivery?notice=delivery" };
  if (field("place") === undefined) return { goTo: "/checkout/delivery" };
  // A total the visitor has not seen is never charged.
  if (changed || field("total") !== String(cart.total)) return { goTo: "/checkout/delivery?notice=total" };
  return showOrder(await placeOrder(cart.id));
});

function showOrder(order: string): Outcome {
  return { goTo: `/order/${order}`, cookies: [rememberOrder(order), forgetCart()] };
}

/** True when the cart's delivery was changed; undefined when the choice is not one of the cart's. */
async function chooseShipping(cart: Cart, option: string | undefined): Promise<boolean | undefined> {
  if (cart.shipping_methods.some(({ shipping_option_id }) => shipping_option_id === option)) return false;
  const options = await listShippingOptions(cart.id);
  const chosen = options.find(({ id }) => id === option);
  if (chosen === undefined) return undefined;
  await setShipping(cart.id, chosen.id);
  return true;
}
