import type { MedusaRequest as Request, MedusaResponse as Response } from "@medusajs/framework/http";
import { ContainerRegistrationKeys } from "@medusajs/framework/utils";
import { clientAddress } from "../../../http/client-address.ts";
import { refuse, refuseAttempt } from "../../../http/refuse.ts";
import { doors } from "../../../login/doors.ts";
import { type Sought, sameEmail, soughtOrder } from "../../../orders/sought-order.ts";

/**
 * The order of a guest, by its number and its e-mail address. Numbers can be guessed, so each attempt counts as one to
 * log in does; a wrong number and a wrong address are answered alike.
 */
export async function POST(request: Request, response: Response): Promise<void> {
  response.setHeader("Cache-Control", "no-store");
  const sought = soughtOrder(request.body);
  if (sought === undefined) return refuse(response, 400, "Give display_id, a number, and email.");
  const address = clientAddress(request.headers, request.socket.remoteAddress);
  const begun = await doors()?.limit.begin({ kind: "login", address, account: `order ${sought.email}` });
  if (begun?.isRefused) return refuseAttempt(response, begun.retryAfterMs);
  let id: string | undefined;
  try {
    id = await findOrder(request, sought);
  } finally {
    await begun?.settle(id === undefined);
  }
  if (id === undefined) response.status(404).json({ type: "not_found", message: "There is no such order." });
  else response.json({ order: { id } });
}

async function findOrder(request: Request, { number, email }: Sought): Promise<string | undefined> {
  const query = request.scope.resolve(ContainerRegistrationKeys.QUERY);
  const filters = { display_id: number, is_draft_order: false } as Record<string, unknown>;
  const { data } = await query.graph({ entity: "order", fields: ["id", "email"], filters });
  return (data as { id: string; email?: string | null }[]).find((order) => sameEmail(order.email, email))?.id;
}
