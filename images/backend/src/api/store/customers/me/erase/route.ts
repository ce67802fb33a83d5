import type { AuthenticatedMedusaRequest as Request, MedusaResponse as Response } from "@medusajs/framework/http";
import { Modules } from "@medusajs/framework/utils";
import { doors } from "../../../../../login/doors.ts";
import { eraseCustomerWorkflow } from "../../../../../workflows/erase-customer.ts";

/**
 * Deletes a customer's account, addresses, open carts and login at the customer's own wish; Medusa lets only
 * administrators do so. Orders stay: tax law demands them.
 */
export async function POST(request: Request, response: Response): Promise<void> {
  const { actor_id: customerId, auth_identity_id: identity } = request.auth_context;
  if (identity) await endLogin(request, identity);
  await deleteBelongings(request, customerId);
  await eraseCustomerWorkflow(request.scope).run({ input: { customerId } });
  response.setHeader("Cache-Control", "no-store");
  response.status(200).json({ id: customerId, deleted: true });
}

/** Before anything is deleted: a token that was given out must not outlive its account. A keeper's login stays good. */
async function endLogin(request: Request, id: string): Promise<void> {
  const { app_metadata: actors } = await request.scope.resolve(Modules.AUTH).retrieveAuthIdentity(id);
  if (!actors?.["user_id"]) await doors()?.logouts.end(id);
}

async function deleteBelongings(request: Request, customerId: string): Promise<void> {
  const customers = request.scope.resolve(Modules.CUSTOMER);
  const carts = request.scope.resolve(Modules.CART);
  const [addresses, baskets] = await Promise.all([
    customers.listCustomerAddresses({ customer_id: customerId }, { select: ["id"] }),
    carts.listCarts({ customer_id: customerId }, { select: ["id", "completed_at"] }),
  ]);
  await customers.deleteCustomerAddresses(addresses.map(({ id }) => id));
  await carts.deleteCarts(baskets.filter((cart) => !cart.completed_at).map(({ id }) => id));
}
