import { readLogin } from "../../../shop/account-form.ts";
import { formAction } from "../../../shop/form-action.ts";
import { rememberSession } from "../../../shop/visitor.ts";
import { logIn } from "../../../store/customers.ts";

export default formAction("/account", async ({ field, client }) => {
  const login = readLogin(field);
  const token = login && (await logIn({ ...login, client }));
  if (token === undefined) return { goTo: "/account?notice=login-wrong" };
  return { goTo: "/account", cookies: [rememberSession(token)] };
});
