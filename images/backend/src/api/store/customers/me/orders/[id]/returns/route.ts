import type { AuthenticatedMedusaRequest as Request, MedusaResponse as Response } from "@medusajs/framework/http";
import { ContainerRegistrationKeys, Modules } from "@medusajs/framework/utils";
import { refuse } from "../../../../../../../http/refuse.ts";
import { customersOrder } from "../../../../../../../returns/customers-order.ts";
import { type AskedReturn, isLeft, readAskedReturn } from "../../../../../../../returns/returnable.ts";
import { requestReturnWorkflow } from "../../../../../../../workflows/request-return.ts";

const WAIT_SECONDS = 15;

type Asked = { id: string; customerId: string };

const askedOf = ({ params, auth_context: { actor_id } }: Request): Asked => ({
  id: params["id"] ?? "",
  customerId: actor_id,
});

const nothing = (response: Response): void =>
  void response.status(404).json({ type: "not_found", message: "There is no such order." });

/** What of an order its customer may give back, why people do, and what was asked for already. */
export async function GET(request: Request, response: Response): Promise<void> {
  response.setHeader("Cache-Control", "no-store");
  const order = await customersOrder(request.scope, askedOf(request));
  if (order === undefined) return nothing(response);
  const { id, display_id, lines, returns } = order;
  response.json({ order: { id, display_id, lines, returns }, reasons: await reasonsOf(request) });
}

/** Medusa takes no reason that has others below it. */
async function reasonsOf({ scope }: Request) {
  const fields = ["id", "label", "metadata", "return_reason_children.id"];
  const { data } = await scope.resolve(ContainerRegistrationKeys.QUERY).graph({ entity: "return_reason", fields });
  return data
    .filter(({ return_reason_children: below }) => !below?.length)
    .map(({ id, label, metadata }) => ({ id, label, metadata }));
}

/** Asks for a return: the keeper is told in the admin, the customer by mail. */
export async function POST(request: Request, response: Response): Promise<void> {
  response.setHeader("Cache-Control", "no-store");
  const wish = readAskedReturn(request.body);
  if (wish === undefined) return refuse(response, 400, "Give items, each with an id and how many, and no long note.");
  const asked = askedOf(request);
  const work = () => begin(request, response, { asked, wish });
  // The lock of the keeper's own changes (orders/one-at-a-time.ts): two wishes at once would both be granted.
  await request.scope.resolve(Modules.LOCKING).execute(`greenleaf:orders/${asked.id}`, work, { timeout: WAIT_SECONDS });
}

async function begin(request: Request, response: Response, { asked, wish }: { asked: Asked; wish: AskedReturn }) {
  const order = await customersOrder(request.scope, asked);
  if (order === undefined) return nothing(response);
  if (!isLeft(wish, order.lines)) {
    return void response
      .status(400)
      .json({ type: "not_allowed", code: "not_returnable", message: "Not so many are left." });
  }
  const { result } = await requestReturnWorkflow(request.scope).run({
    input: { ...wish, orderId: order.id, customerId: asked.customerId, locationId: order.locationId },
  });
  response.status(200).json({ return: { id: result.id } });
}
