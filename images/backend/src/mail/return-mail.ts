import type { Due } from "./due.ts";
import { orderReturn, type ReturnStage } from "./letters/order-letters.ts";
import type { Office } from "./office.ts";
import { type Amount, amountOf, lineName, type OrderRow } from "./order-facts.ts";
import { orderMail } from "./order-mail.ts";

type Item = { item_id: string; quantity: Amount; received_quantity?: Amount };
type ReturnRow = { items?: readonly Item[] | null };

type Event = { order_id?: unknown; return_id?: unknown };

/** To the customer, when a return is asked for (by them, or by the keeper for them) and when it is here. */
export const returnMail =
  (stage: ReturnStage) =>
  async ({ order_id: order, return_id: id }: Event, office: Office): Promise<Due[]> => {
    const asked = { fields: ["id", "items.*"], filters: { id } };
    const found = await office.find<ReturnRow>("return", asked);
    if (found === undefined) return [];
    // What is received in two parcels is two letters.
    const count = (found.items ?? []).reduce((sum, item) => sum + quantityOf(item, stage), 0);
    return orderMail(office, order, {
      key: `return.${stage}:${id}:${count}`,
      template: `return-${stage}`,
      write: (facts, sheet, row) => orderReturn(facts, stage, linesOf(found, stage, row), sheet),
    });
  };

function linesOf({ items }: ReturnRow, stage: ReturnStage, order: OrderRow) {
  const names = new Map((order.items ?? []).map((item) => [item.id, lineName(item)]));
  const lines = (items ?? []).map((item) => ({
    name: names.get(item.item_id) ?? "",
    quantity: quantityOf(item, stage),
  }));
  return lines.filter(({ quantity }) => quantity > 0);
}

const quantityOf = ({ quantity, received_quantity: received }: Item, stage: ReturnStage): number =>
  amountOf(stage === "received" ? received : quantity);
