import type { ReadField } from "./address-form.ts";

const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/;

export const isEmail = (text: string): boolean => EMAIL.test(text) && text.length <= 120;

/** An address and a password as they were typed; undefined for what cannot be either. */
export function readLogin(field: ReadField): { email: string; password: string } | undefined {
  const email = readEmail(field);
  const password = field("password") ?? "";
  const isPossible = email !== undefined && password.length >= 1 && password.length <= 100;
  return isPossible ? { email, password } : undefined;
}

/** An address as it was typed; undefined for what cannot be one. */
export function readEmail(field: ReadField): string | undefined {
  const email = (field("email") ?? "").trim().toLowerCase();
  return isEmail(email) ? email : undefined;
}

/** A token as a mail's link carries it; undefined for anything not shaped like one. */
export const readToken = (token: string | undefined): string | undefined =>
  token !== undefined && token.length <= 2_000 && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? token : undefined;

/** As many as the backend demands of a customer's password. */
export const isLongEnough = (password: string): boolean => Array.from(password).length >= 8;
