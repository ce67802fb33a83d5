import { addressesOf, checkAddress, ELSEWHERE, readAddressForm } from "../../../shop/address-form.ts";
import { formAction } from "../../../shop/form-action.ts";
import { cheapestOption } from "../../../shop/shipping.ts";
import { currentCart, forgetDraft, rememberDraft, sessionOf } from "../../../shop/visitor.ts";
import { giveToCustomer, listShippingOptions, setAddresses, setShipping } from "../../../store/carts.ts";
import { countryCodes, shopRegion } from "../../../store/catalogue.ts";
import { isRefused } from "../../../store/errors.ts";

export default formAction("/checkout", async ({ field, cookies, language }) => {
  const [cart, region] = await Promise.all([currentCart(cookies), shopRegion()]);
  if (cart === undefined || cart.items.length === 0) return { goTo: "/cart?notice=gone" };
  const form = readAddressForm(field);
  // Who wants another address for the invoice is first shown its fields.
  const isUnseen = form.billing === ELSEWHERE && field("billing_city") === undefined;
  if (isUnseen) return { goTo: "/checkout?notice=invoice#billing", cookies: [rememberDraft(form)] };
  const problems = checkAddress(form, countryCodes(region));
  if (Object.keys(problems).length > 0) return { goTo: "/checkout?notice=check", cookies: [rememberDraft(form)] };
  await setAddresses(cart.id, form.email, { ...addressesOf(form), language });
  const token = sessionOf(cookies);
  if (token !== undefined) await keepForCustomer(cart.id, token);
  const option = cheapestOption(await listShippingOptions(cart.id));
  if (option === undefined) return { goTo: "/checkout?notice=no-delivery", cookies: [forgetDraft()] };
  await setShipping(cart.id, option.id);
  return { goTo: "/checkout/delivery", cookies: [forgetDraft()] };
});

/** The order will stand in the account; with a login that has ended meanwhile it is a guest's order. */
async function keepForCustomer(cart: string, token: string): Promise<void> {
  try {
    await giveToCustomer(cart, token);
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
}
