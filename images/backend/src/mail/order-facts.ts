import type { OrderFacts, OrderLine } from "./letters/order-letters.ts";

export type Amount = number | string | { valueOf(): unknown } | null | undefined;
type Line = { id: string; product_title?: string | null; variant_title?: string | null; title?: string | null };
type Address = Partial<
  Record<
    "first_name" | "last_name" | "address_1" | "address_2" | "postal_code" | "city" | "country_code",
    string | null
  >
>;

/** An order as Medusa gives it, as far as letters read it. */
export type OrderRow = {
  id: string;
  display_id: number;
  email?: string | null;
  created_at: string | Date;
  currency_code: string;
  metadata?: Record<string, unknown> | null;
  total: Amount;
  tax_total: Amount;
  discount_total: Amount;
  items?: readonly (Line & { quantity: Amount; total: Amount; original_total?: Amount })[] | null;
  shipping_methods?: readonly { name?: string | null; total: Amount; original_total?: Amount }[] | null;
  shipping_address?: Address | null;
};

export const ORDER_FIELDS = [
  ...["id", "display_id", "email", "created_at", "currency_code", "metadata", "total", "tax_total", "discount_total"],
  ...["items.*", "shipping_methods.*", "shipping_address.*"],
];

export function factsOf(order: OrderRow): OrderFacts {
  const address = order.shipping_address ?? undefined;
  const [method] = order.shipping_methods ?? [];
  return {
    number: order.display_id,
    placedAt: order.created_at,
    currency: order.currency_code,
    firstName: address?.first_name || undefined,
    lines: (order.items ?? []).map(lineOf),
    delivery: method && { name: method.name ?? "", total: amountOf(method.original_total ?? method.total) },
    discount: amountOf(order.discount_total),
    vat: amountOf(order.tax_total),
    total: amountOf(order.total),
    address: address === undefined ? [] : label(address),
  };
}

function lineOf(item: NonNullable<OrderRow["items"]>[number]): OrderLine {
  // As it was before vouchers: these are a line of their own.
  return {
    name: lineName(item),
    quantity: amountOf(item.quantity),
    total: amountOf(item.original_total ?? item.total),
  };
}

export function lineName({ product_title, variant_title, title }: Omit<Line, "id">): string {
  const variant = variant_title && variant_title !== product_title ? `, ${variant_title}` : "";
  return product_title ? `${product_title}${variant}` : (title ?? "");
}

/** Medusa's big numbers know their value. */
export function amountOf(amount: Amount): number {
  const value = Number(amount ?? 0);
  return Number.isFinite(value) ? value : 0;
}

function label(address: Address): string[] {
  const name = [address.first_name, address.last_name].filter(Boolean).join(" ");
  const city = [address.postal_code, address.city].filter(Boolean).join(" ");
  const lines = [name, address.address_1, address.address_2, city, address.country_code?.toUpperCase()];
  return lines.filter((line): line is string => typeof line === "string" && line !== "");
}
