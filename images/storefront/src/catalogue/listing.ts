import type { Language } from "../language/language.ts";
import type { Product } from "../store/types.ts";
import { type Choice, choose, FACETS, type Facet, type FacetValue, facetOf, readChoice } from "./facets.ts";
import { localized } from "./localized.ts";

export const PAGE_SIZE = 24;

/** One page of a list of plants, with what it may be narrowed by. */
export interface Listing {
  /** The list's own path, and what of its query is not a filter. */
  readonly path: string;
  readonly query: string | null;
  readonly products: readonly Product[];
  readonly count: number;
  readonly number: number;
  readonly pages: number;
  readonly choice: ListingChoice;
  readonly facets: readonly { readonly name: Facet; readonly values: readonly FacetValue[] }[];
}

/** The choice as it travels in a page's properties: JSON knows no undefined. */
export interface ListingChoice {
  readonly sort: Choice["sort"];
  readonly least: number | null;
  readonly most: number | null;
  readonly facets: Choice["facets"];
}

interface ListingOf {
  readonly path: string;
  readonly query?: string;
  readonly products: readonly Product[];
  readonly language: Language;
  readonly asked: (name: string) => string | undefined;
  readonly askedAll: (name: string) => readonly string[];
}

/** Undefined for a page that does not exist. */
export function makeListing({ path, query, products, language, asked, askedAll }: ListingOf): Listing | undefined {
  const choice = readChoice(askedAll, query !== undefined);
  const chosen = choose(products, choice, (product) => localized(language, product, "title", product.title));
  const number = readPage(asked("page") ?? "1");
  const pages = Math.max(1, Math.ceil(chosen.length / PAGE_SIZE));
  if (number === undefined || number > pages) return undefined;
  return {
    path,
    query: query ?? null,
    products: chosen.slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE),
    count: chosen.length,
    number,
    pages,
    choice: { sort: choice.sort, least: choice.least ?? null, most: choice.most ?? null, facets: choice.facets },
    facets: FACETS.map((name) => ({ name, values: facetOf(products, name, choice) })).filter(
      ({ values }) => values.length > 1 || values.some(({ isChosen }) => isChosen),
    ),
  };
}

export function readPage(value: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(value) ? Number(value) : undefined;
}

/** The address of another page of the same list, filters kept. */
export function listingHref({ path, query, choice }: Listing, page: number): string {
  const parameters = new URLSearchParams();
  if (query !== null) parameters.set("q", query);
  for (const facet of FACETS) for (const value of choice.facets[facet]) parameters.append(facet, value);
  if (choice.least !== null) parameters.set("least", String(choice.least));
  if (choice.most !== null) parameters.set("most", String(choice.most));
  if (choice.sort !== (query === null ? "name" : "best")) parameters.set("sort", choice.sort);
  if (page > 1) parameters.set("page", String(page));
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
