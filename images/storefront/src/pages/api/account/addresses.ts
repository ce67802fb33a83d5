import { addressesOf, checkFields, PLACE_FIELDS, readAddressForm } from "../../../shop/address-form.ts";
import { formAction } from "../../../shop/form-action.ts";
import { forgetDraft, rememberDraft, sessionOf } from "../../../shop/visitor.ts";
import { countryCodes, shopRegion } from "../../../store/catalogue.ts";
import { addAddress, removeAddress } from "../../../store/customers.ts";

export default formAction("/account", async ({ field, cookies }) => {
  const token = sessionOf(cookies);
  if (token === undefined) return { goTo: "/account?notice=login-first" };
  const remove = field("remove");
  if (remove !== undefined) {
    await removeAddress(token, remove);
    return { goTo: "/account?notice=address-removed" };
  }
  const form = readAddressForm(field);
  const problems = checkFields([...PLACE_FIELDS, "phone"], form, countryCodes(await shopRegion()));
  if (Object.keys(problems).length > 0)
    return { goTo: "/account/address?notice=check", cookies: [rememberDraft(form)] };
  await addAddress(token, addressesOf(form).shipping);
  return { goTo: "/account?notice=address-saved", cookies: [forgetDraft()] };
});
