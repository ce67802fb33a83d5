import type { PageConfig } from "next";
import { type Listing, makeListing } from "../catalogue/listing.ts";
import { searchProducts } from "../catalogue/shelf.ts";
import { useTexts } from "../components/frame.tsx";
import { PageHead } from "../components/page-head.tsx";
import { PlantList } from "../components/plant-list.tsx";
import { ShopLink } from "../components/shop-link.tsx";
import { say } from "../language/say.ts";
import { shopPage } from "../shop/shop-page.ts";
import { shopRegion } from "../store/catalogue.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface SearchProps {
  readonly query: string;
  readonly found: number;
  readonly listing: Listing;
}

export const getServerSideProps = shopPage<SearchProps>(async (visit) => {
  const query = (visit.asked("q") ?? "").trim().slice(0, 100);
  const products = query === "" ? [] : await searchProducts(await shopRegion(), query);
  const listing = makeListing({ ...visit, path: "/search", query, products });
  return listing === undefined ? { notFound: true } : { props: { query, found: products.length, listing } };
});

export default function SearchPage({ query, found, listing }: SearchProps) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead title={texts.searchTitle} hidden />
      <h1>{query === "" ? texts.searchTitle : say(texts.searchFor, { query })}</h1>
      {found > 0 ? <PlantList listing={listing} /> : <Nothing query={query} />}
    </div>
  );
}

function Nothing({ query }: { query: string }) {
  const texts = useTexts();
  return (
    <div className="message">
      <p>{query === "" ? texts.searchHint : say(texts.searchNothing, { query })}</p>
      <p>
        <ShopLink className="button" href="/plants">
          {texts.seeAll}
        </ShopLink>
      </p>
    </div>
  );
}
