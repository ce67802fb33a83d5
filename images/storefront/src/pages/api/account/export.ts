import type { NextApiHandler } from "next";
import { sessionOf } from "../../../shop/visitor.ts";
import { findCustomer, listOrders } from "../../../store/customers.ts";

/** Everything the shop keeps about a customer, in a form a machine reads too (GDPR, article 20). */
const handler: NextApiHandler = async (request, response) => {
  const token = sessionOf(request.cookies);
  const customer = token === undefined ? undefined : await findCustomer(token);
  if (token === undefined || customer === undefined) return response.redirect(303, "/account?notice=login-first");
  const data = { customer, orders: (await listOrders(token)) ?? [] };
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Disposition", 'attachment; filename="my-data.json"');
  response.setHeader("Cache-Control", "no-store");
  return response.send(`${JSON.stringify(data, null, 2)}\n`);
};

export default handler;
