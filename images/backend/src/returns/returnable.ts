import { type Amount, amountOf } from "../mail/order-facts.ts";

/** A line of an order as Medusa gives it, as far as a return reads it. */
export type SoldLine = {
  id: string;
  product_title?: string | null;
  variant_title?: string | null;
  title?: string | null;
  thumbnail?: string | null;
  detail?: Partial<Record<Counted, Amount>> | null;
};

type Counted =
  | "shipped_quantity"
  | "return_requested_quantity"
  | "return_received_quantity"
  | "return_dismissed_quantity";

/** A line of which a customer may give some back. */
export type ReturnableLine = Omit<SoldLine, "detail"> & { quantity: number };

/** What was sent and is neither back nor on its way back. */
export const returnableLines = (lines: readonly SoldLine[]): ReturnableLine[] =>
  lines.map(({ detail, ...line }) => ({ ...line, quantity: leftOf(detail) })).filter(({ quantity }) => quantity > 0);

function leftOf(detail: SoldLine["detail"]): number {
  const count = (name: Counted) => amountOf(detail?.[name]);
  const back = count("return_requested_quantity") + count("return_received_quantity");
  return count("shipped_quantity") - back - count("return_dismissed_quantity");
}

export type AskedReturn = { items: { id: string; quantity: number }[]; reason: string | undefined; note: string };

export const LONGEST_NOTE = 500;

/** What a customer asks to give back; undefined for what no order could mean. */
export function readAskedReturn(body: unknown): AskedReturn | undefined {
  const { items, reason_id: reason, note } = (body ?? {}) as Record<string, unknown>;
  if (!Array.isArray(items) || items.length === 0 || items.length > 200) return undefined;
  const read = items.map(readItem);
  if (read.some((item) => item === undefined)) return undefined;
  const kept = read.filter((item) => item !== undefined);
  if (new Set(kept.map(({ id }) => id)).size !== kept.length) return undefined;
  if (!isText(reason, 100) || !isText(note, LONGEST_NOTE)) return undefined;
  return { items: kept, reason: reason || undefined, note: (note ?? "").trim() };
}

function readItem(item: unknown): { id: string; quantity: number } | undefined {
  const { id, quantity } = (item ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || typeof quantity !== "number") return undefined;
  return Number.isSafeInteger(quantity) && quantity > 0 ? { id, quantity } : undefined;
}

const isText = (text: unknown, longest: number): text is string | undefined | null =>
  text === undefined || text === null || (typeof text === "string" && text.length <= longest);

/** Whether every line asked for is left in this number. */
export const isLeft = ({ items }: Pick<AskedReturn, "items">, lines: readonly ReturnableLine[]): boolean =>
  items.every(({ id, quantity }) => lines.some((line) => line.id === id && quantity <= line.quantity));
