import { randomBytes } from "node:crypto";
import { SHOP, skipReason } from "./browser.ts";
import { adminHeaders, type ShopAccess } from "./store-order.ts";

/** Who keeps the shop of these suites. */
export const KEEPER: ShopAccess = {
  url: SHOP,
  email: process.env.GREENLEAF_ADMIN_EMAIL ?? "",
  password: process.env.GREENLEAF_ADMIN_PASSWORD ?? "",
};

/** Why suites that need the keeper cannot run here, or undefined. */
export async function keeperSkipReason(): Promise<string | undefined> {
  return (
    (await skipReason()) ?? (KEEPER.email === "" ? "GREENLEAF_ADMIN_EMAIL and _PASSWORD say who keeps it" : undefined)
  );
}

/** The keeper of the shop, by the admin's API: makes plants that are counted, and changes what customers hold in carts. */
export interface Keeper {
  post<T>(path: string, body: object): Promise<T>;
  get<T>(path: string): Promise<T>;
  addPlant(plant: { stock: number; price: number }): Promise<SoldPlant>;
}

export interface SoldPlant {
  readonly id: string;
  readonly handle: string;
  readonly title: string;
  readonly variant: string;
  setPrice(price: number): Promise<void>;
  change(body: object): Promise<void>;
  remove(): Promise<void>;
}

export async function openKeeper(shop: ShopAccess): Promise<Keeper> {
  const headers = { ...(await adminHeaders(shop)), "content-type": "application/json" };
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${shop.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text) as T;
  };
  const post = <T>(path: string, body: object) => call<T>("POST", path, body);
  const get = <T>(path: string) => call<T>("GET", path);

  const stock = async (variant: string, stocked_quantity: number) => {
    const { variants } = await get<{ variants: { inventory_items: { inventory_item_id: string }[] }[] }>(
      `/admin/product-variants?id=${variant}&fields=id,inventory_items.inventory_item_id`,
    );
    const { stock_locations } = await get<{ stock_locations: { id: string }[] }>("/admin/stock-locations?limit=1");
    const item = variants[0]?.inventory_items[0]?.inventory_item_id;
    const location_id = stock_locations[0]?.id;
    await post(`/admin/inventory-items/${item}/location-levels`, { location_id, stocked_quantity });
  };

  return {
    post,
    get,
    async addPlant({ stock: count, price }) {
      const handle = `test-${randomBytes(5).toString("hex")}`;
      const title = `Testia ${handle.slice(5)}`;
      const product = await makePlant({ post, get }, { handle, title, price });
      const variant = product.variants[0]?.id ?? "";
      await stock(variant, count);
      const path = `/admin/products/${product.id}`;
      return {
        id: product.id,
        handle,
        title,
        variant,
        setPrice: (amount) => post(`${path}/variants/${variant}`, { prices: [{ currency_code: "eur", amount }] }),
        change: (body) => post(path, body),
        remove: () => call("DELETE", path),
      };
    },
  };
}

interface MadePlant {
  readonly id: string;
  readonly variants: readonly { readonly id: string }[];
}

async function makePlant(
  { post, get }: Pick<Keeper, "post" | "get">,
  { handle, title, price }: { handle: string; title: string; price: number },
): Promise<MadePlant> {
  const { shipping_profiles } = await get<{ shipping_profiles: { id: string }[] }>("/admin/shipping-profiles?limit=1");
  const { stores } = await get<{ stores: { default_sales_channel_id: string }[] }>("/admin/stores?limit=1");
  const { product } = await post<{ product: MadePlant }>("/admin/products", {
    title,
    handle,
    status: "published",
    shipping_profile_id: shipping_profiles[0]?.id,
    sales_channels: [{ id: stores[0]?.default_sales_channel_id }],
    options: [{ title: "Colour", values: ["Green"] }],
    variants: [
      {
        title: "Green",
        options: { Colour: "Green" },
        prices: [{ currency_code: "eur", amount: price }],
        manage_inventory: true,
      },
    ],
  });
  return product;
}
