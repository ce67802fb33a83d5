import type { AdminClient } from "../admin-client.ts";
import type { Found, FoundCategory, FoundProduct, Shelves } from "./plan.ts";

const PAGE = 200;

interface ListedOrder {
  readonly items?: readonly { readonly thumbnail?: string | null }[] | null;
}

/** Everything on the shop's shelves, and the pictures its orders show. */
export async function shelvesOf(admin: AdminClient): Promise<Shelves> {
  const products = await all<FoundProduct>(admin, "products", {
    fields:
      "id,handle,title,description,metadata,thumbnail,collection_id,images.url,categories.id,variants.inventory_items.inventory_item_id",
  });
  const categories = await all<FoundCategory>(admin, "product-categories", {
    fields: "id,handle,name,description,metadata,parent_category_id",
  });
  const collections = await all<Found>(admin, "collections", { fields: "id,handle,title,metadata" });
  const orders = await all<ListedOrder>(admin, "orders", { fields: "id,items.thumbnail" });
  const reservations = await all<{ inventory_item_id: string }>(admin, "reservations", { fields: "inventory_item_id" });
  return {
    products,
    categories,
    collections,
    ordered: new Set(orders.flatMap(({ items }) => (items ?? []).flatMap(({ thumbnail }) => thumbnail ?? []))),
    reserved: new Set(reservations.map(({ inventory_item_id }) => inventory_item_id)),
  };
}

/** Every page of one of the admin's lists, whose answer names it with underscores. */
async function all<T>(admin: AdminClient, list: string, asked: Readonly<Record<string, string>>): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const query = new URLSearchParams({ ...asked, limit: String(PAGE), offset: String(found.length), order: "id" });
    const answer = await admin.get<Readonly<Record<string, readonly T[] | undefined>>>(`/admin/${list}?${query}`);
    const page = answer[list.replace("-", "_")] ?? [];
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}
