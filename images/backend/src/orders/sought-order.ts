/** What somebody says of an order. */
export type Sought = { number: number; email: string };

/** PostgreSQL's `integer`, which a display number is. */
const MOST = 2_147_483_647;
const LONGEST_EMAIL = 254;

/** Undefined for what cannot be an order's number and address. */
export function soughtOrder(body: unknown): Sought | undefined {
  const { display_id: number, email } = (body ?? {}) as { display_id?: unknown; email?: unknown };
  if (typeof number !== "number" || !Number.isInteger(number) || number < 1 || number > MOST) return undefined;
  if (typeof email !== "string" || email.trim() === "" || email.length > LONGEST_EMAIL) return undefined;
  return { number, email };
}

const plain = (email: string): string => email.normalize("NFKC").trim().toLowerCase();

/** An order without an address belongs to nobody who could name one. */
export const sameEmail = (one: string | null | undefined, other: string): boolean =>
  typeof one === "string" && one !== "" && plain(one) === plain(other);
