import type { MedusaContainer } from "@medusajs/framework/types";
import { completeCartWorkflow } from "@medusajs/medusa/core-flows";
import { refuseOversold, refuseUnsold } from "../../orders/refuse-cart.ts";

// medusa#14317: a draft or deleted product in a cart; medusa#16502: lines that share one stocked thing.
completeCartWorkflow.hooks.validate(async ({ cart }, { container }) => refuseUnsold(container, cart));

type Hook = (run: (input: { input: { id: string } }, context: { container: MedusaContainer }) => Promise<void>) => void;

// Medusa has this hook and does not list it in its types: the only place between the reservation and the payment.
const { beforePaymentAuthorization } = completeCartWorkflow.hooks as unknown as { beforePaymentAuthorization: Hook };
beforePaymentAuthorization(async ({ input }, { container }) => refuseOversold(container, input.id));
