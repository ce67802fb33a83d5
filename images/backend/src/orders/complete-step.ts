import type {
  MedusaNextFunction as Next,
  MedusaRequest as Request,
  MedusaResponse as Response,
} from "@medusajs/framework/http";
import { Gate } from "../http/gate.ts";
import { refuseForNow } from "../http/load-shedding.ts";
import { refusalOf } from "./refuse-cart.ts";

/**
 * An order is nearly a second of work for this process. Two at a time lose nothing, and who comes for the last one
 * sees that it is gone instead of making an order that is taken back.
 */
const completing = new Gate({ slots: () => 2, waiting: 40, waitMs: 8_000 });

/** In front of `POST /store/carts/:id/complete`: an answer within seconds, and in words. */
export async function completeInTurn(request: Request, response: Response, next: Next): Promise<void> {
  if (!(await completing.enter())) return refuseForNow(response, 5);
  if (response.destroyed) return completing.leave();
  response.once("close", () => completing.leave());
  const refusal = await refusalOf(request.scope, request.params["id"] ?? "");
  if (refusal === undefined) return next();
  response.setHeader("Cache-Control", "no-store");
  response.status(400).json({ type: "not_allowed", ...refusal });
}
