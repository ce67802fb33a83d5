import type { Due } from "./due.ts";
import type { Letter } from "./letter.ts";
import type { OrderFacts } from "./letters/order-letters.ts";
import { orderCanceled, orderPlaced, orderRefunded, orderShipped } from "./letters/order-letters.ts";
import type { Sheet } from "./letters/wording.ts";
import { type Office, toldLanguage } from "./office.ts";
import { amountOf, factsOf, lineName, ORDER_FIELDS, type OrderRow } from "./order-facts.ts";

type Event = { id?: unknown; no_notification?: unknown };

/** A refund of long ago is no news: a shop may have begun to write mails since. */
const NEWS_MS = 86_400_000;

export const placedMail = ({ id }: Event, office: Office): Promise<Due[]> =>
  orderMail(office, id, { key: `order.placed:${id}`, template: "order-placed", write: orderPlaced });

export const canceledMail = ({ id }: Event, office: Office): Promise<Due[]> =>
  orderMail(office, id, { key: `order.canceled:${id}`, template: "order-canceled", write: orderCanceled });

type Fulfillment = {
  items?: readonly { line_item_id?: string | null; title: string; quantity: number }[] | null;
  labels?: readonly { tracking_number?: string | null; tracking_url?: string | null }[] | null;
};

export async function shippedMail({ id, no_notification: isQuiet }: Event, office: Office): Promise<Due[]> {
  const filters = { fulfillment_id: id };
  const link = await office.find<{ order_id: string }>("order_fulfillment", { fields: ["order_id"], filters });
  const asked = { fields: ["id", "items.*", "labels.*"], filters: { id } };
  const fulfillment = await office.find<Fulfillment>("fulfillment", asked);
  if (isQuiet === true || link === undefined || fulfillment === undefined) return [];
  return orderMail(office, link.order_id, {
    key: `shipped:${id}`,
    template: "order-shipped",
    write: (order, sheet, row) => orderShipped(order, shipmentOf(fulfillment, row), sheet),
  });
}

function shipmentOf({ items, labels }: Fulfillment, order: OrderRow) {
  const names = new Map((order.items ?? []).map((item) => [item.id, lineName(item)]));
  return {
    lines: (items ?? []).map(({ line_item_id: line, title, quantity }) => ({
      name: names.get(line ?? "") ?? title,
      quantity: amountOf(quantity),
    })),
    tracking: (labels ?? [])
      .filter(({ tracking_number: number }) => Boolean(number))
      .map(({ tracking_number: number, tracking_url: url }) => ({
        number: number ?? "",
        url: /^https?:\/\//.test(url ?? "") ? (url ?? undefined) : undefined,
      })),
  };
}

type Payment = {
  payment_collection_id: string;
  refunds?: readonly { id: string; amount: number; created_at: string | Date }[] | null;
};

/** The event names the payment only: each refund of it that is news has its own letter. */
export async function refundedMail({ id }: Event, office: Office): Promise<Due[]> {
  const asked = { fields: ["id", "payment_collection_id", "refunds.*"], filters: { id } };
  const payment = await office.find<Payment>("payment", asked);
  if (payment === undefined) return [];
  const filters = { payment_collection_id: payment.payment_collection_id };
  const link = await office.find<{ order_id: string }>("order_payment_collection", { fields: ["order_id"], filters });
  if (link === undefined) return [];
  const news = (payment.refunds ?? []).filter((refund) => Date.now() - Date.parse(String(refund.created_at)) < NEWS_MS);
  const letters = news.map((refund) =>
    orderMail(office, link.order_id, {
      key: `refund:${refund.id}`,
      template: "order-refunded",
      write: (order, sheet) => orderRefunded(order, amountOf(refund.amount), sheet),
    }),
  );
  return (await Promise.all(letters)).flat();
}

export type OrderMail = {
  key: string;
  template: string;
  write: (order: OrderFacts, sheet: Sheet, row: OrderRow) => Letter;
};

export async function orderMail(office: Office, id: unknown, { key, template, write }: OrderMail): Promise<Due[]> {
  if (typeof id !== "string") return [];
  const order = await office.find<OrderRow>("order", { fields: ORDER_FIELDS, filters: { id } });
  if (!order?.email) return [];
  const sheet = await office.sheet(toldLanguage(order.metadata, office));
  const letter = write(factsOf(order), sheet, order);
  return [{ key, to: order.email, template, resource: { id, type: "order" }, letter }];
}
