import { chosenCount, type Facet, type FacetValue } from "../catalogue/facets.ts";
import { type Listing, listingHref } from "../catalogue/listing.ts";
import { say, sayCount } from "../language/say.ts";
import type { Product } from "../store/types.ts";
import type { Texts } from "../texts/texts.ts";
import { useLocalPath, useTexts } from "./frame.tsx";
import { PageLinks } from "./page-links.tsx";
import { PlantCard } from "./plant-card.tsx";
import { ShopLink } from "./shop-link.tsx";

/** What a phone shows first; a computer fetches the rest of its first row soon enough. */
const ABOVE_THE_FOLD = 2;

export function PlantGrid({ products }: { products: readonly Product[] }) {
  return (
    <ul className="grid">
      {products.map((product, index) => (
        <PlantCard key={product.id} product={product} eager={index < ABOVE_THE_FOLD} />
      ))}
    </ul>
  );
}

/** A list of plants one can filter, sort and leaf through. */
export function PlantList({ listing }: { listing: Listing }) {
  const texts = useTexts();
  const { products, number, pages } = listing;
  return (
    <>
      <FilterForm listing={listing} />
      {products.length === 0 ? (
        <p>
          {texts.noMatch} <ShopLink href={listing.path}>{texts.clear}</ShopLink>
        </p>
      ) : (
        <PlantGrid products={products} />
      )}
      <PageLinks number={number} pages={pages} hrefOf={(page) => listingHref(listing, page)} />
    </>
  );
}

function FilterForm({ listing }: { listing: Listing }) {
  const texts = useTexts();
  const { choice, query, path, count } = listing;
  const chosen = chosenCount({ ...choice, least: choice.least ?? undefined, most: choice.most ?? undefined });
  return (
    <form className="filters" method="get" action={useLocalPath()(path)}>
      {query === null ? null : <input type="hidden" name="q" value={query} />}
      <details>
        <summary>{chosen === 0 ? texts.filter : say(texts.filterChosen, { count: chosen })}</summary>
        <div className="facets">
          {listing.facets.map(({ name, values }) => (
            <FacetChoice key={name} name={name} values={values} />
          ))}
          <PriceRange least={choice.least} most={choice.most} />
        </div>
        <button className="button" type="submit">
          {texts.show}
        </button>
      </details>
      <SortChoice sort={choice.sort} isSearch={query !== null} />
      <p className="muted">
        {sayCount(texts.plantsOne, texts.plantsMany, count)}
        {chosen === 0 ? null : (
          <>
            {" · "}
            <ShopLink href={query === null ? path : `${path}?${new URLSearchParams({ q: query })}`}>
              {texts.clear}
            </ShopLink>
          </>
        )}
      </p>
    </form>
  );
}

function SortChoice({ sort, isSearch }: { sort: string; isSearch: boolean }) {
  const texts = useTexts();
  const names = {
    best: texts.sortBest,
    name: texts.sortName,
    cheap: texts.sortCheap,
    dear: texts.sortDear,
    new: texts.sortNew,
  };
  return (
    <div className="sort">
      <label htmlFor="sort">{texts.sort}</label>
      <select id="sort" name="sort" defaultValue={sort}>
        {Object.entries(names)
          .filter(([value]) => isSearch || value !== "best")
          .map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
      </select>
      <button className="button button-quiet" type="submit">
        {texts.show}
      </button>
    </div>
  );
}

function FacetChoice({ name, values }: { name: Facet; values: readonly FacetValue[] }) {
  const texts = useTexts();
  return (
    <fieldset className="facet">
      <legend>{texts[name]}</legend>
      {values.map(({ value, count, isChosen }) => (
        <label key={value}>
          <input type="checkbox" name={name} value={value} defaultChecked={isChosen} />
          <span>
            {facetName(texts, name, value)} <span className="muted">({count})</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

const NEEDS: Readonly<Record<string, keyof Texts>> = {
  "light shade": "lightShade",
  "light half-shade": "lightHalfShade",
  "light bright": "lightBright",
  "light sun": "lightSun",
  "water little": "waterLittle",
  "water moderate": "waterModerate",
  "water much": "waterMuch",
};

function facetName(texts: Texts, facet: Facet, value: string): string {
  const known = NEEDS[`${facet} ${value.toLowerCase()}`];
  return known === undefined ? value : texts[known];
}

function PriceRange({ least, most }: { least: number | null; most: number | null }) {
  const texts = useTexts();
  const field = (name: string, label: string, value: number | null) => (
    <label>
      <span>{label}</span>
      <input name={name} inputMode="decimal" defaultValue={value ?? ""} maxLength={10} />
    </label>
  );
  return (
    <fieldset className="facet facet-price">
      <legend>{texts.price}</legend>
      {field("least", texts.priceFrom, least)}
      {field("most", texts.priceTo, most)}
    </fieldset>
  );
}
