import type { Language } from "../language/language.ts";
import { regionCountry } from "./catalogue.ts";
import { askStore } from "./client.ts";
import { BackendRefused, isRefused } from "./errors.ts";
import type { Address, Cart, Order, Region, ShippingOption } from "./types.ts";

const TOTALS = "currency_code,total,item_total,original_item_total,shipping_total,original_shipping_total,tax_total";
const FIELDS =
  `id,region_id,email,completed_at,customer_id,${TOTALS},` +
  "*items,*shipping_address,*billing_address,shipping_methods.id,shipping_methods.shipping_option_id," +
  "promotions.code,promotions.is_automatic";
export const ORDER_FIELDS = `id,display_id,email,created_at,status,fulfillment_status,${TOTALS},*items,*shipping_address,*billing_address,*shipping_methods`;
const PAYMENT_PROVIDER = "pp_system_default";
/** An order under way is waited for longer than it takes a busy backend to say that it is there. */
const ORDER_MS = 5_000;

interface CartAnswer {
  readonly cart: Cart;
}

/** The cart, or undefined where it no longer exists or has become an order. */
export async function findCart(id: string): Promise<Cart | undefined> {
  try {
    const { cart } = await askStore<CartAnswer>(cartPath(id), { query: { fields: FIELDS } });
    return cart.completed_at === null || cart.completed_at === undefined ? cart : undefined;
  } catch (error) {
    if (isRefused(error) && error.status === 404) return undefined;
    throw error;
  }
}

/** An empty cart for a visitor from the shop's country, so that its prices are taxed from the start. */
export async function createCart(region: Region): Promise<string> {
  const body = { region_id: region.id, shipping_address: { country_code: regionCountry(region) } };
  const { cart } = await askStore<CartAnswer>("/store/carts", { method: "POST", body });
  return cart.id;
}

/** What is left of a cart's answer when only its size matters. */
interface CartSize {
  readonly items?: readonly { readonly quantity: number }[];
}

/** Gives the cart's new size. */
export async function addItem(cartId: string, variantId: string, quantity: number): Promise<CartSize> {
  const body = { variant_id: variantId, quantity };
  const { cart } = await askStore<{ cart: CartSize }>(`${cartPath(cartId)}/line-items`, { method: "POST", body });
  return cart;
}

/** Sets how many of a line are wanted; 0 takes it out. Gives the cart's new size. */
export async function setQuantity(cartId: string, lineId: string, quantity: number): Promise<CartSize> {
  const path = `${cartPath(cartId)}/line-items/${encodeURIComponent(lineId)}`;
  if (quantity > 0) {
    return (await askStore<{ cart: CartSize }>(path, { method: "POST", body: { quantity } })).cart;
  }
  return (await askStore<{ parent: CartSize }>(path, { method: "DELETE" })).parent;
}

export function countItems(cart: CartSize): number {
  return (cart.items ?? []).reduce((sum, { quantity }) => sum + quantity, 0);
}

interface Places {
  readonly shipping: Address;
  readonly billing: Address;
  /** The language the order's mails are written in. */
  readonly language: Language;
}

export async function setAddresses(cartId: string, email: string, places: Places): Promise<void> {
  const { shipping, billing, language } = places;
  const body = { email, shipping_address: shipping, billing_address: billing, metadata: { language } };
  await askStore(cartPath(cartId), { method: "POST", body });
}

/** True when the cart holds the code now; Medusa passes over codes that do not fit. */
export async function addVoucher(cartId: string, code: string): Promise<boolean> {
  const { cart } = await askStore<CartAnswer>(`${cartPath(cartId)}/promotions`, {
    method: "POST",
    body: { promo_codes: [code] },
    query: { fields: "id,promotions.code" },
  });
  return (cart.promotions ?? []).some((promotion) => promotion.code?.toLowerCase() === code.toLowerCase());
}

export async function removeVoucher(cartId: string, code: string): Promise<void> {
  await askStore(`${cartPath(cartId)}/promotions`, { method: "DELETE", body: { promo_codes: [code] } });
}

/** The cart is the customer's from now on: its order will stand in the account. */
export async function giveToCustomer(cartId: string, token: string): Promise<void> {
  await askStore(`${cartPath(cartId)}/customer`, { method: "POST", body: {}, token });
}

/** True once the address form was filled in; Medusa itself may put a lone country there. */
export function hasAddress(cart: Cart): boolean {
  return Boolean(cart.email && cart.shipping_address?.address_1);
}

export async function listShippingOptions(cartId: string): Promise<readonly ShippingOption[]> {
  const answer = await askStore<{ shipping_options: readonly ShippingOption[] }>("/store/shipping-options", {
    query: { cart_id: cartId },
  });
  return answer.shipping_options;
}

export async function setShipping(cartId: string, optionId: string): Promise<void> {
  await askStore(`${cartPath(cartId)}/shipping-methods`, { method: "POST", body: { option_id: optionId } });
}

const placing = new Map<string, Promise<string>>();

/** Pays with the system provider and turns the cart into an order; gives the order's id, the same however often asked. */
export function placeOrder(cartId: string): Promise<string> {
  const running = placing.get(cartId) ?? payAndComplete(cartId).finally(() => placing.delete(cartId));
  // Two clicks at once are one order: a second payment session would take away the first one's.
  placing.set(cartId, running);
  return running;
}

async function payAndComplete(cartId: string): Promise<string> {
  try {
    await preparePayment(cartId);
    return await completeCart(cartId);
  } catch (error) {
    // The second click may have gone to another node, and been faster: then the cart is an order by now.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if ((await findCart(cartId)) !== undefined) throw error;
    return completeCart(cartId);
  }
}

async function preparePayment(cartId: string): Promise<void> {
  const { payment_collection } = await askStore<{ payment_collection: { id: string } }>("/store/payment-collections", {
    method: "POST",
    body: { cart_id: cartId },
    repeatable: true,
  });
  await askStore(`/store/payment-collections/${payment_collection.id}/payment-sessions`, {
    method: "POST",
    body: { provider_id: PAYMENT_PROVIDER },
    repeatable: true,
  });
}

/** The order a cart becomes; for one that has become an order already, that order. */
export async function completeCart(cartId: string): Promise<string> {
  const request = { method: "POST", repeatable: true, atLeastMs: ORDER_MS } as const;
  const answer = await askStore<CompleteAnswer>(`${cartPath(cartId)}/complete`, request);
  if (answer.type === "order") return answer.order.id;
  throw new BackendRefused(`the cart did not become an order: ${answer.error.message}`, 409);
}

type CompleteAnswer =
  | { readonly type: "order"; readonly order: { readonly id: string } }
  | { readonly type: "cart"; readonly error: { readonly message: string } };

export async function findOrder(id: string): Promise<Order | undefined> {
  try {
    const { order } = await askStore<{ order: Order }>(`/store/orders/${encodeURIComponent(id)}`, {
      query: { fields: ORDER_FIELDS },
    });
    return order;
  } catch (error) {
    if (isRefused(error) && error.status === 404) return undefined;
    throw error;
  }
}

function cartPath(id: string): string {
  return `/store/carts/${encodeURIComponent(id)}`;
}
