import { settings } from "../../../settings.ts";
import { readEmail } from "../../../shop/account-form.ts";
import { formAction } from "../../../shop/form-action.ts";
import { askForReset } from "../../../store/customers.ts";

export default formAction("/account/forgotten", async ({ field, client, language }) => {
  const email = readEmail(field);
  if (!settings().sendsMail) return { goTo: "/account/forgotten" };
  if (email === undefined) return { goTo: "/account/forgotten?notice=reset-email" };
  await askForReset({ email, client, language });
  return { goTo: "/account/forgotten?notice=reset-sent" };
});
