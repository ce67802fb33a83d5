import { createWorkflow, transform, WorkflowResponse } from "@medusajs/framework/workflows-sdk";
import {
  beginReturnOrderWorkflow,
  confirmReturnRequestWorkflow,
  requestItemReturnWorkflow,
} from "@medusajs/medusa/core-flows";

export type ReturnRequest = {
  orderId: string;
  customerId: string;
  /** Where the plants come back to. */
  locationId: string | undefined;
  items: { id: string; quantity: number }[];
  reason: string | undefined;
  note: string;
};

/**
 * A return as the keeper begins one in the admin, asked for in one go and without a shipping option: Medusa's own route
 * for customers demands one. All of it or nothing.
 */
export const requestReturnWorkflow = createWorkflow("greenleaf-request-return", (input: ReturnRequest) => {
  const begun = transform({ input }, ({ input: { orderId, customerId, locationId } }) => ({
    order_id: orderId,
    created_by: customerId,
    ...(locationId === undefined ? {} : { location_id: locationId }),
  }));
  const change = beginReturnOrderWorkflow.runAsStep({ input: begun });
  const asked = transform({ input, change }, ({ input: { items, reason, note }, change: { return_id: id } }) => ({
    return_id: id ?? "",
    items: items.map((item) => ({
      ...item,
      ...(reason === undefined ? {} : { reason_id: reason }),
      ...(note === "" ? {} : { internal_note: note }),
    })),
  }));
  requestItemReturnWorkflow.runAsStep({ input: asked });
  const confirmed = transform({ input, change }, ({ input: { customerId }, change: { return_id: id } }) => ({
    return_id: id ?? "",
    confirmed_by: customerId,
  }));
  confirmReturnRequestWorkflow.runAsStep({ input: confirmed });
  return new WorkflowResponse(transform({ change }, ({ change: { return_id: id } }) => ({ id: id ?? "" })));
});
