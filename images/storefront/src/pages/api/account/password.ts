import { isLongEnough, readToken } from "../../../shop/account-form.ts";
import { formAction } from "../../../shop/form-action.ts";
import { forgetSession } from "../../../shop/visitor.ts";
import { resetPassword } from "../../../store/customers.ts";

const OVER = { goTo: "/account/forgotten?notice=reset-over" };

export default formAction("/account/forgotten", async ({ field, client }) => {
  const token = readToken(field("token"));
  const password = field("password") ?? "";
  if (token === undefined) return OVER;
  const again = `/account/password?token=${token}`;
  if (!isLongEnough(password) || password.length > 100) return { goTo: `${again}&notice=bad-password` };
  if (!(await resetPassword({ token, password, client }))) return OVER;
  // Whoever was logged in with the old password is out; this browser is told so.
  return { goTo: "/account?notice=password-set", cookies: [forgetSession()] };
});
