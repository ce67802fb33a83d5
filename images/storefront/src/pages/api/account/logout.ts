import { formAction } from "../../../shop/form-action.ts";
import { forgetOrder, forgetSession } from "../../../shop/visitor.ts";

export default formAction("/account", async () => ({
  goTo: "/account?notice=logged-out",
  cookies: [forgetSession(), forgetOrder()],
}));
