import { readReturn } from "../../../returns/read-return.ts";
import { askForReturn, findReturns } from "../../../returns/store-returns.ts";
import { formAction } from "../../../shop/form-action.ts";
import { sessionOf } from "../../../shop/visitor.ts";

export default formAction("/account", async ({ field, cookies }) => {
  const token = sessionOf(cookies);
  const found = token === undefined ? undefined : await findReturns(token, field("order") ?? "");
  if (token === undefined || found === undefined) return { goTo: "/account?notice=login-first" };
  const { id, lines } = found.order;
  const wanted = readReturn(field, lines);
  if (wanted === undefined) return { goTo: `/account/orders/${id}/return?notice=return-none` };
  const isNoted = await askForReturn(token, id, wanted);
  return {
    goTo: isNoted ? `/account/orders/${id}?notice=return-noted` : `/account/orders/${id}/return?notice=return-none`,
  };
});
