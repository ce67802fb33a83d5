import type { ReadField } from "../shop/address-form.ts";

/** What a customer may ask to give back, as the backend takes it. */
export interface WantedReturn {
  readonly items: readonly { readonly id: string; readonly quantity: number }[];
  readonly reason_id?: string;
  readonly note?: string;
}

export const quantityField = (line: string): string => `quantity-${line}`;

/** As many letters as the backend takes. */
export const LONGEST_NOTE = 500;

/** What a form says of an order's lines; undefined where nothing was chosen, or what cannot be. */
export function readReturn(field: ReadField, lines: readonly { readonly id: string; readonly quantity: number }[]) {
  const chosen = lines.map(({ id, quantity }) => ({ id, most: quantity, text: field(quantityField(id)) ?? "" }));
  const items = chosen.map(({ id, most, text }) => ({
    id,
    most,
    quantity: /^\d{0,4}$/.test(text) ? Number(text) : -1,
  }));
  const isPossible = items.every(({ quantity, most }) => quantity >= 0 && quantity <= most);
  const wanted = items.filter(({ quantity }) => quantity > 0).map(({ id, quantity }) => ({ id, quantity }));
  if (!isPossible || wanted.length === 0) return undefined;
  return { items: wanted, ...named("reason_id", field("reason")), ...named("note", noteOf(field)) };
}

// A browser counts a line break as one letter and sends two.
const noteOf = (field: ReadField): string =>
  (field("note") ?? "").replaceAll("\r\n", "\n").trim().slice(0, LONGEST_NOTE);

const named = <Name extends "reason_id" | "note">(
  name: Name,
  text: string | undefined,
): Partial<Record<Name, string>> => (text ? ({ [name]: text } as Record<Name, string>) : {});
