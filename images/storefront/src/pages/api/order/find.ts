import { formAction } from "../../../shop/form-action.ts";
import { readSought } from "../../../shop/order-form.ts";
import { rememberOrder } from "../../../shop/visitor.ts";
import { lookUpOrder } from "../../../store/customers.ts";

const UNKNOWN = { goTo: "/order?notice=order-unknown" };

export default formAction("/order", async ({ field, client }) => {
  const sought = readSought(field);
  const id = sought && (await lookUpOrder({ ...sought, client }));
  return id === undefined ? UNKNOWN : { goTo: `/order/${id}`, cookies: [rememberOrder(id)] };
});
