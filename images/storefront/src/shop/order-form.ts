import { isEmail } from "./account-form.ts";
import type { ReadField } from "./address-form.ts";

/** The largest number an order may have. */
const MOST = 2_147_483_647;

/** An order's number and its e-mail address as they were typed; undefined for what cannot be both. */
export function readSought(field: ReadField): { number: number; email: string } | undefined {
  const digits = /^#?\s*(\d{1,10})$/.exec((field("number") ?? "").trim())?.[1];
  const number = Number(digits ?? Number.NaN);
  const email = (field("email") ?? "").trim().toLowerCase();
  return number >= 1 && number <= MOST && isEmail(email) ? { number, email } : undefined;
}
