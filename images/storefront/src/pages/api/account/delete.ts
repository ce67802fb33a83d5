import { readLogin } from "../../../shop/account-form.ts";
import { formAction } from "../../../shop/form-action.ts";
import { forgetCart, forgetOrder, forgetSession, sessionOf } from "../../../shop/visitor.ts";
import { deleteAccount, findCustomer, logIn } from "../../../store/customers.ts";

/** The password once more: a browser left open must not be enough to delete an account. */
export default formAction("/account/delete", async ({ field, cookies, client }) => {
  const token = sessionOf(cookies);
  const customer = token === undefined ? undefined : await findCustomer(token);
  if (customer === undefined) return { goTo: "/account?notice=login-first" };
  const login = readLogin((name) => (name === "email" ? customer.email : field(name)));
  const fresh = login && (await logIn({ ...login, client }));
  if (fresh === undefined) return { goTo: "/account/delete?notice=password-wrong" };
  await deleteAccount(fresh);
  return { goTo: "/account?notice=account-deleted", cookies: [forgetSession(), forgetOrder(), forgetCart()] };
});
