import type { MedusaContainer } from "@medusajs/framework/types";
import { ContainerRegistrationKeys } from "@medusajs/framework/utils";
import { type ReturnableLine, returnableLines, type SoldLine } from "./returnable.ts";

/** An order as its customer gives some of it back. */
export type CustomersOrder = {
  id: string;
  display_id: number;
  lines: ReturnableLine[];
  returns: { id: string; status: string; requested_at: string | Date | null; quantity: number }[];
  locationId: string | undefined;
};

type OrderRow = {
  id: string;
  display_id: number;
  status: string;
  customer_id?: string | null;
  items?: SoldLine[] | null;
  fulfillments?: { location_id?: string | null }[] | null;
};

type ReturnRow = {
  id: string;
  status: string;
  requested_at?: string | Date | null;
  items?: { quantity: unknown }[] | null;
};

const FIELDS = ["id", "display_id", "status", "customer_id", "items.*", "items.detail.*", "fulfillments.location_id"];

/** Undefined for an order that is not this customer's: nobody learns that there is one. */
export async function customersOrder(
  container: MedusaContainer,
  { id, customerId }: { id: string; customerId: string },
): Promise<CustomersOrder | undefined> {
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const { data } = await query.graph({ entity: "order", fields: FIELDS, filters: { id } });
  const order = (data as unknown as OrderRow[])[0];
  if (order === undefined || order.customer_id !== customerId) return undefined;
  const asked = { entity: "return", fields: ["id", "status", "requested_at", "items.quantity"] };
  const { data: returns } = await query.graph({ ...asked, filters: { order_id: id } });
  return {
    id,
    display_id: order.display_id,
    lines: order.status === "canceled" ? [] : returnableLines(order.items ?? []),
    returns: (returns as unknown as ReturnRow[]).flatMap(shownReturn),
    locationId: order.fulfillments?.find(({ location_id }) => location_id)?.location_id ?? undefined,
  };
}

/** One that a keeper only began is nothing to a customer yet. */
function shownReturn({ id, status, requested_at, items }: ReturnRow): CustomersOrder["returns"] {
  const quantity = (items ?? []).reduce((sum, item) => sum + Number(item.quantity), 0);
  return status === "open" ? [] : [{ id, status, requested_at: requested_at ?? null, quantity }];
}
