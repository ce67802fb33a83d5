import { isLongEnough, readLogin } from "../../../shop/account-form.ts";
import { checkFields, readFields } from "../../../shop/address-form.ts";
import { formAction } from "../../../shop/form-action.ts";
import { rememberSession } from "../../../shop/visitor.ts";
import { register } from "../../../store/customers.ts";

const NAMES = ["first_name", "last_name"] as const;

export default formAction("/account/register", async ({ field, client, language }) => {
  const login = readLogin(field);
  const names = readFields(NAMES, field);
  if (Object.keys(checkFields(NAMES, names, [])).length > 0) return { goTo: "/account/register?notice=refused" };
  if (login === undefined || !isLongEnough(login.password)) return { goTo: "/account/register?notice=bad-password" };
  const token = await register({ ...login, ...names, client, language });
  if (token === undefined) return { goTo: "/account?notice=taken" };
  return { goTo: "/account", cookies: [rememberSession(token)] };
});
