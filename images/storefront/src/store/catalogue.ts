import { settings } from "../settings.ts";
import { type Cache, createCache } from "../shop/cache.ts";
import { askStore } from "./client.ts";
import { isUnavailable } from "./errors.ts";
import type { Category, Collection, Product, Region } from "./types.ts";

const VARIANT_FIELDS =
  "variants.id,variants.title,variants.variant_rank,variants.sku,variants.manage_inventory,variants.allow_backorder," +
  "variants.inventory_quantity,*variants.calculated_price";
// Medusa gives a category whole or not at all.
const SHELF_FIELDS =
  "id,title,subtitle,description,handle,thumbnail,created_at,collection_id,metadata," +
  "*categories,tags.value,options.title,options.values.value," +
  VARIANT_FIELDS;
const PRODUCT_FIELDS = `${SHELF_FIELDS},*images`;
const CHUNK = 250;
/** So many plants are asked for anew every five seconds; ten times as many ten times less often. */
const SMALL = 250;
const FRESH_MS = 5000;
/** Nothing is ordered by what is shown meanwhile: a cart is compared with the shelves as they are. */
const AWAY_MS = 3_600_000;

// Next loads this module once per route; the cache has to be one per process.
const KEY = Symbol.for("greenleaf.catalogue");
const shared = globalThis as { [KEY]?: Cache };

function cache(): Cache {
  // A price changed in the admin shows within five seconds; while the backend is away the shelves stay full.
  shared[KEY] ??= createCache({ freshMs: FRESH_MS, staleMs: 60_000, awayMs: AWAY_MS, maxEntries: 500 });
  return shared[KEY];
}

interface ProductPage {
  readonly products: readonly Product[];
  readonly count: number;
}

/** Every published plant, with the prices of the region; the same array while nothing was asked anew. */
export function allProducts(region: Region): Promise<readonly Product[]> {
  const freshMs = (products: readonly Product[]) => FRESH_MS * Math.max(1, products.length / SMALL);
  return cache().get(`all ${region.id}`, () => loadAll(region), { freshMs });
}

async function loadAll(region: Region): Promise<readonly Product[]> {
  const known = new Map<string, Product>();
  for (let offset = 0; ; offset += CHUNK) {
    const query = { ...priceContext(region), fields: SHELF_FIELDS, order: "title" };
    const { products, count } = await askStore<ProductPage>("/store/products", {
      query: { ...query, limit: String(CHUNK), offset: String(offset) },
    });
    for (const product of products) known.set(product.id, product);
    if (products.length === 0 || offset + CHUNK >= count) return [...known.values()];
  }
}

/** A plant with all its pictures; while the backend is away as it stands on the shelf. */
export async function findProduct(region: Region, handle: string): Promise<Product | undefined> {
  const query = { ...priceContext(region), fields: PRODUCT_FIELDS, handle, limit: "1" };
  try {
    return await cache().get(`product ${region.id} ${handle}`, async () => {
      const { products } = await askStore<ProductPage>("/store/products", { query });
      return products[0];
    });
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const onShelf = (await allProducts(region)).find((product) => product.handle === handle);
    if (onShelf === undefined) throw error;
    return onShelf;
  }
}

/** Products as they are now, never remembered: what a cart is checked against. */
export async function presentProducts(region: Region, ids: readonly string[]): Promise<readonly Product[]> {
  if (ids.length === 0) return [];
  const query = new URLSearchParams({ ...priceContext(region), fields: SHELF_FIELDS, limit: String(ids.length) });
  for (const id of ids) query.append("id[]", id);
  return (await askStore<ProductPage>("/store/products", { query })).products;
}

export function listCategories(): Promise<readonly Category[]> {
  const query = {
    fields: "id,name,handle,description,parent_category_id,rank,metadata",
    limit: "500",
  };
  return cache().get("categories", async () => {
    const answer = await askStore<{ product_categories: readonly Category[] }>("/store/product-categories", { query });
    return answer.product_categories.toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  });
}

export function listCollections(): Promise<readonly Collection[]> {
  const query = { fields: "id,title,handle,metadata", limit: "100", order: "title" };
  return cache().get("collections", async () => {
    const answer = await askStore<{ collections: readonly Collection[] }>("/store/collections", { query });
    return answer.collections;
  });
}

/** What a page is worth showing without; why it does without it stands in the log. */
export async function orNone<T>(asked: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await asked;
  } catch (error) {
    process.stderr.write(`storefront: left out: ${error instanceof Error ? error.message : String(error)}\n`);
    return [];
  }
}

/** The region that sells to the shop's country; the first one where none does. */
export async function shopRegion(): Promise<Region> {
  const { shopCountry } = settings();
  const load = async () => {
    const answer = await askStore<{ regions: readonly Region[] }>("/store/regions", { query: { limit: "100" } });
    return answer.regions;
  };
  // Regions hardly ever change; no page waits for them and then for its plants.
  const regions = await cache().get("regions", load, { patienceMs: 0 });
  const region = regions.find(({ countries }) => countries.some(({ iso_2 }) => iso_2 === shopCountry)) ?? regions[0];
  if (region === undefined) throw new Error("the backend has no region; its first-run job makes one");
  return region;
}

/** The shop's country where the region sells to it, else the region's first. */
export function regionCountry(region: Region): string {
  const { shopCountry } = settings();
  const sells = region.countries.some(({ iso_2 }) => iso_2 === shopCountry);
  return sells ? shopCountry : (region.countries[0]?.iso_2 ?? shopCountry);
}

function priceContext(region: Region): { region_id: string; country_code: string } {
  return { region_id: region.id, country_code: regionCountry(region) };
}

export function countryCodes(region: Region): readonly string[] {
  return region.countries.map(({ iso_2 }) => iso_2);
}
