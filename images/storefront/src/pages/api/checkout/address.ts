import { checkAddress, readAddressForm } from "../../../shop/address-form.ts";
import { formAction } from "../../../shop/form-action.ts";
import { cheapestOption } from "../../../shop/shipping.ts";
import { currentCart, forgetDraft, rememberDraft } from "../../../shop/visitor.ts";
import { listShippingOptions, setAddress, setShipping } from "../../../store/carts.ts";
import { countryCodes, shopRegion } from "../../../store/catalogue.ts";

export default formAction("/checkout", async ({ field, cookies }) => {
  const [cart, region] = await Promise.all([currentCart(cookies), shopRegion()]);
  if (cart === undefined || cart.items.length === 0) return { goTo: "/cart?notice=gone" };
  const form = readAddressForm(field);
  const problems = checkAddress(form, countryCodes(region));
  if (Object.keys(problems).length > 0) return { goTo: "/checkout?notice=check", cookies: [rememberDraft(form)] };
  const { email, ...address } = form;
  await setAddress(cart.id, email, { ...address, address_2: address.address_2 || null });
  const option = cheapestOption(await listShippingOptions(cart.id));
  if (option === undefined) return { goTo: "/checkout?notice=no-delivery", cookies: [forgetDraft()] };
  await setShipping(cart.id, option.id);
  return { goTo: "/checkout/delivery", cookies: [forgetDraft()] };
});
