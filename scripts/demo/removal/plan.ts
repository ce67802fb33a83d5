import { type Metadata, originOf, pictureOf, type Worded } from "../mark.ts";

export interface Found extends Worded {
  readonly id: string;
  readonly handle: string;
  readonly metadata: Metadata;
}

/** As the admin's API lists it. */
export interface FoundProduct extends Found {
  readonly thumbnail: string | null;
  readonly images?: readonly { readonly url: string }[] | null;
  readonly categories?: readonly { readonly id: string }[] | null;
  readonly collection_id: string | null;
  readonly variants?: readonly Variant[] | null;
}

interface Variant {
  readonly inventory_items?: readonly { readonly inventory_item_id: string }[] | null;
}

export interface FoundCategory extends Found {
  readonly parent_category_id: string | null;
}

/** What stands in the shop, as far as the removal has to know. */
export interface Shelves {
  readonly products: readonly FoundProduct[];
  readonly categories: readonly FoundCategory[];
  readonly collections: readonly Found[];
  /** Pictures that orders show beside what was bought. */
  readonly ordered: ReadonlySet<string>;
  /** Inventory items of which open orders hold some: Medusa keeps their products. */
  readonly reserved: ReadonlySet<string>;
}

export interface Removal {
  readonly products: readonly FoundProduct[];
  readonly categories: readonly Found[];
  readonly collections: readonly Found[];
  readonly pictures: readonly string[];
  /** What the demo made and is left, with the reason. */
  readonly kept: readonly string[];
}

/** Takes what carries the demo's mark as the demo made it, and is used by nothing else. */
export function planRemoval({ products, categories, collections, ordered, reserved }: Shelves): Removal {
  const gone = products.filter((product) => originOf(product) === "demo" && !isReserved(product, reserved));
  const staying = products.filter((product) => !gone.includes(product));
  const inUse = new Set([
    ...staying.flatMap(({ categories: places, collection_id }) => [...idsOf(places), collection_id ?? ""]),
    ...categories.map(({ parent_category_id }) => parent_category_id ?? ""),
  ]);
  const shown = new Set([...ordered, ...staying.flatMap(picturesOf)]);
  const isFree = (thing: Found) => originOf(thing) === "demo" && !inUse.has(thing.id);
  return {
    products: gone,
    categories: categories.filter(isFree),
    collections: collections.filter(isFree),
    pictures: gone.flatMap(({ metadata }) => pictureOf(metadata) ?? []).filter((picture) => !shown.has(picture)),
    kept: [
      ...keptOf("plant", staying, new Set(staying.map(({ id }) => id)), "an open order reserves it"),
      ...keptOf("category", categories, inUse, HOLDS),
      ...keptOf("collection", collections, inUse, HOLDS),
    ],
  };
}

const idsOf = (things: FoundProduct["categories"]): string[] => (things ?? []).map(({ id }) => id);

const picturesOf = ({ images, thumbnail }: FoundProduct): string[] => [
  ...(images ?? []).map(({ url }) => url),
  ...(thumbnail === null ? [] : [thumbnail]),
];

const isReserved = ({ variants }: FoundProduct, reserved: ReadonlySet<string>): boolean =>
  (variants ?? []).some((each) => each.inventory_items?.some(({ inventory_item_id: id }) => reserved.has(id)));

const HOLDS = "it holds what stays";

function keptOf(kind: string, things: readonly Found[], inUse: ReadonlySet<string>, why: string): string[] {
  return things.flatMap((thing) => {
    const origin = originOf(thing);
    const called = `${kind} "${thing.title ?? thing.name}"`;
    if (origin === "changed") return `${called}: somebody has rewritten it`;
    return origin === "demo" && inUse.has(thing.id) ? `${called}: ${why}` : [];
  });
}

export const isEmpty = ({ products, categories, collections }: Removal): boolean =>
  products.length + categories.length + collections.length === 0;

/** What the command says before it asks. */
export function describeRemoval({ products, categories, collections, pictures, kept }: Removal): string {
  const names = (things: readonly Found[]) => things.map(({ title, name }) => title ?? name).join(", ");
  const line = (what: string, things: readonly Found[]) =>
    things.length === 0 ? [] : [`  ${what} (${things.length}): ${names(things)}`];
  return [
    "what the demo made, and goes:",
    ...line("plants", products),
    ...line("categories", categories),
    ...line("collections", collections),
    ...(pictures.length === 0 ? [] : [`  uploaded pictures: ${pictures.length}`]),
    ...(kept.length === 0 ? [] : ["what the demo made, and stays:", ...kept.map((text) => `  ${text}`)]),
    "orders, customers, tax rates and your own products stay as they are",
    "",
  ].join("\n");
}
