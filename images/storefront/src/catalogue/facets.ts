import { DEFAULT_LANGUAGE } from "../language/language.ts";
import { customerPrice } from "../shop/price.ts";
import type { Product } from "../store/types.ts";

export const FACETS = ["light", "water", "size"] as const;
export type Facet = (typeof FACETS)[number];

export const SORTS = ["name", "cheap", "dear", "new"] as const;
export type Sort = (typeof SORTS)[number] | "best";

/** What a visitor chose to see, as it stands in the address. */
export interface Choice {
  readonly facets: Readonly<Record<Facet, readonly string[]>>;
  readonly least: number | undefined;
  readonly most: number | undefined;
  readonly sort: Sort;
}

export interface FacetValue {
  readonly value: string;
  readonly count: number;
  readonly isChosen: boolean;
}

const MOST_VALUES = 30;
const SIZE = /^(size|taille|grö(ß|ss)e|pot|topf)$/i;

/** The values of a product in a facet; light and water by their short word, else by the first words of the care text. */
export function facetValues(product: Product, facet: Facet): readonly string[] {
  if (facet === "size") return sizesOf(product);
  const short = product.metadata?.[`${facet}_need`];
  if (typeof short === "string" && short.trim() !== "") return [short.trim()];
  const text = product.metadata?.[facet];
  return typeof text === "string" && text.trim() !== ""
    ? [
        text
          .split(/[,.;(]/, 1)
          .join("")
          .trim(),
      ]
    : [];
}

function sizesOf({ options }: Product): readonly string[] {
  const option = options?.find(({ title }) => SIZE.test(title));
  return [...new Set((option?.values ?? []).map(({ value }) => value))];
}

export function readChoice(all: (name: string) => readonly string[], isSearch: boolean): Choice {
  const number = (name: string) => {
    const text = all(name)[0]?.trim().replace(",", ".") ?? "";
    return /^\d{1,7}(\.\d{1,2})?$/.test(text) ? Number(text) : undefined;
  };
  const [sort] = all("sort");
  return {
    facets: {
      light: all("light").slice(0, MOST_VALUES),
      water: all("water").slice(0, MOST_VALUES),
      size: all("size").slice(0, MOST_VALUES),
    },
    least: number("least"),
    most: number("most"),
    sort: SORTS.find((known) => known === sort) ?? (isSearch ? "best" : "name"),
  };
}

/** How many filters are chosen. */
export function chosenCount({ facets, least, most }: Choice): number {
  const chosen = FACETS.reduce((sum, facet) => sum + facets[facet].length, 0);
  return chosen + (least === undefined ? 0 : 1) + (most === undefined ? 0 : 1);
}

/** The plants that fit every facet (one of its chosen values each), in the chosen order. */
export function choose(
  products: readonly Product[],
  choice: Choice,
  titleOf = ({ title }: Product) => title,
): readonly Product[] {
  const fitting = products.filter(
    (product) => fitsPrice(product, choice) && FACETS.every((facet) => fitsFacet(product, facet, choice)),
  );
  return sorted(fitting, choice.sort, titleOf);
}

/** What can be chosen in a facet, and how many plants each choice would show beside the other facets. */
export function facetOf(products: readonly Product[], facet: Facet, choice: Choice): readonly FacetValue[] {
  const chosen = choice.facets[facet];
  const counts = new Map<string, number>(chosen.map((value) => [value, 0]));
  for (const product of products) {
    const others = FACETS.filter((other) => other !== facet);
    if (!fitsPrice(product, choice) || !others.every((other) => fitsFacet(product, other, choice))) continue;
    for (const value of facetValues(product, facet)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const collator = new Intl.Collator(DEFAULT_LANGUAGE, { numeric: true });
  return [...counts]
    .map(([value, count]) => ({ value, count, isChosen: chosen.includes(value) }))
    .toSorted((a, b) => collator.compare(a.value, b.value))
    .slice(0, MOST_VALUES);
}

function fitsFacet(product: Product, facet: Facet, { facets }: Choice): boolean {
  const chosen = facets[facet];
  return chosen.length === 0 || facetValues(product, facet).some((value) => chosen.includes(value));
}

function pricesOf({ variants }: Product): readonly number[] {
  return (variants ?? []).flatMap(({ calculated_price }) => customerPrice(calculated_price) ?? []);
}

function fitsPrice(product: Product, { least, most }: Choice): boolean {
  if (least === undefined && most === undefined) return true;
  return pricesOf(product).some((price) => price >= (least ?? 0) && price <= (most ?? Number.POSITIVE_INFINITY));
}

function sorted(products: readonly Product[], sort: Sort, titleOf: (product: Product) => string): readonly Product[] {
  if (sort === "best") return products;
  const collator = new Intl.Collator(DEFAULT_LANGUAGE, { numeric: true });
  const byName = (a: Product, b: Product) => collator.compare(titleOf(a), titleOf(b));
  // Plants without a price come last, whichever end is asked for.
  const price = (product: Product) => Math.min(...pricesOf(product));
  const worth = (product: Product, sign: number) =>
    Number.isFinite(price(product)) ? sign * price(product) : Number.MAX_VALUE;
  const orders = {
    name: byName,
    cheap: (a: Product, b: Product) => worth(a, 1) - worth(b, 1) || byName(a, b),
    dear: (a: Product, b: Product) => worth(a, -1) - worth(b, -1) || byName(a, b),
    new: (a: Product, b: Product) => (b.created_at ?? "").localeCompare(a.created_at ?? "") || byName(a, b),
  };
  return products.toSorted(orders[sort]);
}
