import { settings } from "../settings.ts";
import { type Cache, createCache } from "../shop/cache.ts";
import { askStore } from "./client.ts";
import type { Product, Region } from "./types.ts";

export const PAGE_SIZE = 24;

const PRODUCT_FIELDS =
  "id,title,subtitle,description,handle,thumbnail,metadata,*images,variants.id,variants.title,variants.variant_rank,*variants.calculated_price";
const LIST_FIELDS = "id,title,subtitle,handle,thumbnail,variants.id,variants.title,*variants.calculated_price";

// Next loads this module once per route; the cache has to be one per process.
const KEY = Symbol.for("greenleaf.catalogue");
const shared = globalThis as { [KEY]?: Cache };

function cache(): Cache {
  // A price changed in the admin shows within five seconds; while the backend restarts the shelves stay full.
  shared[KEY] ??= createCache({ freshMs: 5000, staleMs: 60_000, maxEntries: 500 });
  return shared[KEY];
}

export interface ProductPage {
  readonly products: readonly Product[];
  readonly count: number;
}

/** One page of the published plants by name, with the prices of the region. */
export function listProducts(region: Region, page: number): Promise<ProductPage> {
  const query = {
    ...priceContext(region),
    fields: LIST_FIELDS,
    order: "title",
    limit: String(PAGE_SIZE),
    offset: String((page - 1) * PAGE_SIZE),
  };
  return cache().get(`list ${region.id} ${page}`, () => askStore<ProductPage>("/store/products", { query }));
}

export function findProduct(region: Region, handle: string): Promise<Product | undefined> {
  const query = { ...priceContext(region), fields: PRODUCT_FIELDS, handle, limit: "1" };
  return cache().get(`product ${region.id} ${handle}`, async () => {
    const { products } = await askStore<ProductPage>("/store/products", { query });
    return products[0];
  });
}

/** The region that sells to the shop's country; the first one where none does. */
export async function shopRegion(): Promise<Region> {
  const { shopCountry } = settings();
  const regions = await cache().get("regions", async () => {
    const answer = await askStore<{ regions: readonly Region[] }>("/store/regions", { query: { limit: "100" } });
    return answer.regions;
  });
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
