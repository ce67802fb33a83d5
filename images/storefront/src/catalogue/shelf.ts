import { allProducts } from "../store/catalogue.ts";
import type { Category, Product, Region } from "../store/types.ts";
import { createSearchIndex, type SearchIndex } from "./search-index.ts";

// Next loads this module once per route; an index of ten thousand plants has to be one per process.
const KEY = Symbol.for("greenleaf.search-index");
const shared = globalThis as { [KEY]?: WeakMap<readonly Product[], SearchIndex> };

/** The plants a person's words mean, the best first. */
export async function searchProducts(region: Region, query: string): Promise<readonly Product[]> {
  const products = await allProducts(region);
  const byId = new Map(products.map((product) => [product.id, product]));
  return indexOf(products)
    .find(query)
    .flatMap((id) => byId.get(id) ?? []);
}

function indexOf(products: readonly Product[]): SearchIndex {
  shared[KEY] ??= new WeakMap();
  const index = shared[KEY].get(products) ?? createSearchIndex(products);
  shared[KEY].set(products, index);
  return index;
}

/** A category's plants, with those of the categories below it. */
export function inCategory(products: readonly Product[], category: Category, all: readonly Category[]) {
  const ids = new Set([category.id]);
  for (let before = 0; before !== ids.size; ) {
    before = ids.size;
    for (const { id, parent_category_id } of all) if (parent_category_id && ids.has(parent_category_id)) ids.add(id);
  }
  return products.filter(({ categories }) => (categories ?? []).some(({ id }) => ids.has(id)));
}

const RELATED = 4;

/** Plants that share the most with one: categories, collection, tags. */
export function relatedTo(product: Product, products: readonly Product[]): readonly Product[] {
  const marks = (other: Product) =>
    new Set([
      ...(other.categories ?? []).map(({ id }) => id),
      ...(other.tags ?? []).map(({ value }) => `tag ${value}`),
      ...(other.collection_id ? [other.collection_id] : []),
    ]);
  const own = marks(product);
  return products
    .filter(({ id }) => id !== product.id)
    .map((other) => ({ other, shared: [...marks(other)].filter((mark) => own.has(mark)).length }))
    .filter(({ shared }) => shared > 0)
    .toSorted((a, b) => b.shared - a.shared)
    .slice(0, RELATED)
    .map(({ other }) => other);
}
