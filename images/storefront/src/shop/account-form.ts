import type { ReadField } from "./address-form.ts";

const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/;

export const isEmail = (text: string): boolean => EMAIL.test(text) && text.length <= 120;

/** An address and a password as they were typed; undefined for what cannot be either. */
export function readLogin(field: ReadField): { email: string; password: string } | undefined {
  const email = (field("email") ?? "").trim().toLowerCase();
  const password = field("password") ?? "";
  const isPossible = isEmail(email) && password.length >= 1 && password.length <= 100;
  return isPossible ? { email, password } : undefined;
}

/** As many as the backend demands of a customer's password. */
export const isLongEnough = (password: string): boolean => Array.from(password).length >= 8;
