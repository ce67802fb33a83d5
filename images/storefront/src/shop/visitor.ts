import { settings } from "../settings.ts";
import { findCart } from "../store/carts.ts";
import type { Cart } from "../store/types.ts";
import type { AddressForm } from "./address-form.ts";
import { type CartCookie, readCartCookie, writeCartCookie } from "./cart-cookie.ts";
import { setCookie } from "./cookies.ts";
import { readDraft, writeDraft } from "./draft.ts";

const CART = "greenleaf_cart";
const ORDER = "greenleaf_order";
const DRAFT = "greenleaf_draft";
const SESSION = "greenleaf_session";
const DAY_S = 24 * 3600;
const MONTH_S = 30 * 24 * 3600;
const FIVE_MINUTES_S = 300;

export type Cookies = Readonly<Partial<Record<string, string>>>;

/** The cart this visitor's cookie names, without asking the backend. */
export function cartCookie(cookies: Cookies): CartCookie | undefined {
  return readCartCookie(cookies[CART]);
}

/** The visitor's cart as it is now; undefined where there is none (any more). */
export async function currentCart(cookies: Cookies): Promise<Cart | undefined> {
  const cookie = cartCookie(cookies);
  return cookie && findCart(cookie.id);
}

/** The last order placed in this browser; nobody else gets to see its address. */
export function rememberedOrder(cookies: Cookies): string | undefined {
  return cookies[ORDER];
}

/** The form that was rejected a moment ago, as it was typed. */
export function draft(cookies: Cookies): AddressForm | undefined {
  return readDraft(cookies[DRAFT]);
}

export function rememberCart(id: string, count: number): string {
  return write(CART, writeCartCookie({ id, count }), MONTH_S);
}

export function forgetCart(): string {
  return write(CART, "", 0);
}

export function rememberOrder(orderId: string): string {
  return write(ORDER, orderId, MONTH_S);
}

export function rememberDraft(form: AddressForm): string {
  return write(DRAFT, writeDraft(form), FIVE_MINUTES_S);
}

export function forgetDraft(): string {
  return write(DRAFT, "", 0);
}

/** The customer's token, as Medusa gave it; undefined for anything not shaped like one. */
export function sessionOf(cookies: Cookies): string | undefined {
  const token = cookies[SESSION];
  return token !== undefined && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? token : undefined;
}

export function rememberSession(token: string): string {
  return write(SESSION, token, DAY_S);
}

export function forgetSession(): string {
  return write(SESSION, "", 0);
}

export function forgetOrder(): string {
  return write(ORDER, "", 0);
}

function write(name: string, value: string, maxAge: number): string {
  return setCookie({ name, value, maxAge, secure: settings().shopUrl.startsWith("https:") });
}
