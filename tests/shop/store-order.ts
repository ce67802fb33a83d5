/** A shop over HTTP, as its own pages and its admin speak to it. */
export interface ShopAccess {
  readonly url: string;
  readonly email: string;
  readonly password: string;
}

interface Answer {
  readonly [key: string]: unknown;
}

async function ask<T extends Answer>(url: string, headers: Record<string, string>, body?: object): Promise<T> {
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

export async function adminHeaders({ url, email, password }: ShopAccess): Promise<Record<string, string>> {
  const { token } = await ask<{ token: string }>(`${url}/auth/user/emailpass`, {}, { email, password });
  return { authorization: `Bearer ${token}` };
}

export const ADDRESS = {
  first_name: "Ada",
  last_name: "Leaf",
  address_1: "1 rue des Plantes",
  city: "Paris",
  postal_code: "75005",
  country_code: "fr",
};

/** What a customer's programs need of a shop. */
export interface Store {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string;
  /** One that is never sold out. */
  readonly variant: string;
}

export async function openStore(shop: ShopAccess): Promise<Store> {
  const { url } = shop;
  const admin = await adminHeaders(shop);
  const keys = await ask<{ api_keys: Array<{ token: string }> }>(`${url}/admin/api-keys?type=publishable`, admin);
  const headers = { "x-publishable-api-key": keys.api_keys[0]?.token ?? "" };
  const { regions } = await ask<{ regions: Array<{ id: string }> }>(`${url}/store/regions`, headers);
  const region = regions[0]?.id ?? "";
  const fields = "variants.id,variants.manage_inventory";
  const { products } = await ask<{ products: Array<{ variants: Array<{ id: string; manage_inventory: boolean }> }> }>(
    `${url}/store/products?limit=50&fields=${fields}&region_id=${region}`,
    headers,
  );
  // One of the demo's: what other suites left behind is counted and may be sold out.
  const variant = products.flatMap(({ variants }) => variants).find(({ manage_inventory }) => !manage_inventory);
  return { url, headers, region, variant: variant?.id ?? "" };
}

/** Buys one plant through the store's API; gives the order's number. */
export async function placeOrder(shop: ShopAccess): Promise<number> {
  const { url, headers: store, region: region_id, variant: variant_id } = await openStore(shop);
  const items = [{ variant_id, quantity: 1 }];
  const customer = { email: "ada@example.com", shipping_address: ADDRESS, billing_address: ADDRESS };
  const { cart } = await ask<{ cart: { id: string } }>(`${url}/store/carts`, store, { region_id, items, ...customer });
  await chooseDelivery(url, store, cart.id);
  const { order } = await ask<{ order: { display_id: number } }>(`${url}/store/carts/${cart.id}/complete`, store, {});
  return order.display_id;
}

async function chooseDelivery(url: string, store: Record<string, string>, cart_id: string): Promise<void> {
  const { shipping_options } = await ask<{ shipping_options: Array<{ id: string }> }>(
    `${url}/store/shipping-options?cart_id=${cart_id}`,
    store,
  );
  const option_id = shipping_options[0]?.id ?? "";
  await ask(`${url}/store/carts/${cart_id}/shipping-methods`, store, { option_id });
  const { payment_collection } = await ask<{ payment_collection: { id: string } }>(
    `${url}/store/payment-collections`,
    store,
    { cart_id },
  );
  const sessions = `${url}/store/payment-collections/${payment_collection.id}/payment-sessions`;
  await ask(sessions, store, { provider_id: "pp_system_default" });
}

/** Numbers of all orders of the shop, with the street each goes to. */
export async function ordersOf(shop: ShopAccess): Promise<Map<number, string>> {
  const { orders } = await ask<{
    orders: Array<{ display_id: number; shipping_address: { address_1: string } | null }>;
  }>(`${shop.url}/admin/orders?fields=display_id,*shipping_address&limit=200`, await adminHeaders(shop));
  return new Map(orders.map(({ display_id, shipping_address }) => [display_id, shipping_address?.address_1 ?? ""]));
}
