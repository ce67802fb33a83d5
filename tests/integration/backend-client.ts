import { setTimeout as sleep } from "node:timers/promises";

/** What one call answered. */
export type Answer<Body> = { status: number; body: Body; cookie: string | undefined };

export type Call = { method?: string; token?: string; cookie?: string; key?: string; body?: unknown; form?: FormData };

/** Calls a backend as Caddy would hand the call on: TLS ended in front of it. */
export async function call<Body = Record<string, never>>(
  url: string,
  path: string,
  options: Call = {},
): Promise<Answer<Body>> {
  const headers: Record<string, string> = { "x-forwarded-proto": "https" };
  if (options.token) headers["authorization"] = `Bearer ${options.token}`;
  if (options.cookie) headers["cookie"] = options.cookie;
  if (options.key) headers["x-publishable-api-key"] = options.key;
  if (options.body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(`${url}${path}`, {
    method: options.method ?? (options.body || options.form ? "POST" : "GET"),
    headers,
    signal: AbortSignal.timeout(60_000),
    ...(options.form ? { body: options.form } : {}),
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: parsed(text) as Body,
    cookie: response.headers.getSetCookie()[0]?.split(";")[0],
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Pages and plain words are answers too.
    return text;
  }
}

/** Like call(), but anything but success is an error that shows the answer. */
export async function must<Body = Record<string, never>>(url: string, path: string, options: Call = {}): Promise<Body> {
  const { status, body } = await call<Body>(url, path, options);
  if (status >= 300) throw new Error(`${options.method ?? "call"} ${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Asks until `isRight`, or gives the last answer after `withinMs`. */
export async function askUntil<Body>(
  ask: () => Promise<Body>,
  isRight: (body: Body) => boolean,
  withinMs: number,
): Promise<Body> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const body = await ask();
    if (isRight(body) || performance.now() > deadline) return body;
    await sleep(100);
  }
}

export async function logIn(url: string, { email, password }: { email: string; password: string }): Promise<string> {
  return (await must<{ token: string }>(url, "/auth/user/emailpass", { body: { email, password } })).token;
}

/** A published product with one variant of 10 EUR; returns the variant's id. */
export async function createProduct(url: string, token: string): Promise<string> {
  const { shipping_profiles: profiles } = await must<{ shipping_profiles: { id: string }[] }>(
    url,
    "/admin/shipping-profiles",
    { token },
  );
  const { sales_channels: channels } = await must<{ sales_channels: { id: string }[] }>(url, "/admin/sales-channels", {
    token,
  });
  const { product } = await must<{ product: { variants: { id: string }[] } }>(url, "/admin/products", {
    token,
    body: {
      title: "Monstera",
      status: "published",
      shipping_profile_id: profiles[0]!.id,
      sales_channels: [{ id: channels[0]!.id }],
      options: [{ title: "Size", values: ["M"] }],
      variants: [
        { title: "M", options: { Size: "M" }, manage_inventory: false, prices: [{ currency_code: "eur", amount: 10 }] },
      ],
    },
  });
  return product.variants[0]!.id;
}

const address = {
  first_name: "A",
  last_name: "B",
  address_1: "1 rue",
  city: "Paris",
  postal_code: "75001",
  country_code: "fr",
};

/** A cart with some of the variant, on its way to France; returns the cart's id. */
export async function fillCart(url: string, key: string, variantId: string, quantity = 2): Promise<string> {
  const { regions } = await must<{ regions: { id: string }[] }>(url, "/store/regions", { key });
  const { cart } = await must<{ cart: { id: string } }>(url, "/store/carts", {
    key,
    body: { region_id: regions[0]!.id, email: "buyer@example.com", shipping_address: address },
  });
  await must(url, `/store/carts/${cart.id}/line-items`, { key, body: { variant_id: variantId, quantity } });
  return cart.id;
}

/** Chooses how the cart is sent and paid: it has only to be completed. */
export async function prepareToPay(url: string, key: string, cartId: string): Promise<void> {
  const { shipping_options: options } = await must<{ shipping_options: { id: string }[] }>(
    url,
    `/store/shipping-options?cart_id=${cartId}`,
    { key },
  );
  await must(url, `/store/carts/${cartId}/shipping-methods`, { key, body: { option_id: options[0]!.id } });
  const { payment_collection: payment } = await must<{ payment_collection: { id: string } }>(
    url,
    "/store/payment-collections",
    {
      key,
      body: { cart_id: cartId },
    },
  );
  await must(url, `/store/payment-collections/${payment.id}/payment-sessions`, {
    key,
    body: { provider_id: "pp_system_default" },
  });
}

/** Ships, pays and completes the cart; returns what Medusa made of it. */
export async function checkOut(
  url: string,
  key: string,
  cartId: string,
): Promise<{ type: string; order: { total: number } }> {
  await prepareToPay(url, key, cartId);
  return must(url, `/store/carts/${cartId}/complete`, { key, method: "POST" });
}

/** Uploads files as the admin's pages do. */
export function upload(
  url: string,
  token: string,
  files: Record<string, Buffer>,
): Promise<Answer<{ files: { id: string; url: string }[] }>> {
  const form = new FormData();
  for (const [name, bytes] of Object.entries(files))
    form.append("files", new Blob([new Uint8Array(bytes)], { type: "image/png" }), name);
  return call(url, "/admin/uploads", { token, form });
}
