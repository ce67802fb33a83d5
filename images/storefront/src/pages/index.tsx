import type { PageConfig } from "next";
import { PAGE_SIZE, readPage } from "../catalogue/listing.ts";
import { localized } from "../catalogue/localized.ts";
import { useFrame, useTexts } from "../components/frame.tsx";
import { Notice } from "../components/notice.tsx";
import { PageHead } from "../components/page-head.tsx";
import { PageLinks } from "../components/page-links.tsx";
import { PlantGrid } from "../components/plant-list.tsx";
import { ShopLink } from "../components/shop-link.tsx";
import { DEFAULT_LANGUAGE, preferredLanguage } from "../language/language.ts";
import { sayCount } from "../language/say.ts";
import { shopPage, type Visit } from "../shop/shop-page.ts";
import { allProducts, listCollections, orNone, shopRegion } from "../store/catalogue.ts";
import type { Product } from "../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface HomeProps {
  readonly products: readonly Product[];
  readonly count: number;
  readonly number: number;
  readonly pages: number;
  readonly collections: readonly { readonly name: string; readonly handle: string }[];
  readonly notice: string | null;
}

/**
 * Who comes from elsewhere to the bare address is shown the language of their browser; who goes there from a page of
 * this shop has chosen.
 */
function ownLanguage({ language, header, asked }: Visit): string | undefined {
  if (language !== DEFAULT_LANGUAGE || header("sec-fetch-site") === "same-origin" || asked("page")) return undefined;
  const preferred = preferredLanguage(header("accept-language"));
  return preferred === language ? undefined : preferred;
}

export const getServerSideProps = shopPage<HomeProps>(async (visit) => {
  const own = ownLanguage(visit);
  if (own !== undefined) return { goTo: `/${own}` };
  const { asked, language } = visit;
  const number = readPage(asked("page") ?? "1");
  if (number === undefined) return { notFound: true };
  const [all, known] = await Promise.all([shopRegion().then(allProducts), orNone(listCollections())]);
  const pages = Math.max(1, Math.ceil(all.length / PAGE_SIZE));
  if (number > pages) return { notFound: true };
  const products = all.slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE);
  const collections = known.map((each) => ({
    handle: each.handle,
    name: localized(language, each, "title", each.title),
  }));
  return { props: { products, count: all.length, number, pages, collections, notice: asked("notice") ?? null } };
});

export default function Home({ products, count, number, pages, collections, notice }: HomeProps) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead query={number > 1 ? `?page=${number}` : ""} picture={products[0]?.thumbnail ?? null} />
      <Notice name={notice} />
      <section className="hero">
        <h1>{texts.hero}</h1>
        <p>{texts.heroText}</p>
      </section>
      {number === 1 ? <Ways collections={collections} /> : null}
      <section aria-labelledby="plants">
        <div className="section-head">
          <h2 id="plants">{texts.allPlants}</h2>
          <p className="muted">{sayCount(texts.plantsOne, texts.plantsMany, count)}</p>
        </div>
        {products.length === 0 ? <p>{texts.shelvesEmpty}</p> : null}
        <PlantGrid products={products} />
        <PageLinks number={number} pages={pages} hrefOf={(page) => (page === 1 ? "/" : `/?page=${page}`)} />
      </section>
    </div>
  );
}

function Ways({ collections }: Pick<HomeProps, "collections">) {
  const texts = useTexts();
  const { categories } = useFrame();
  const ways = [
    ...categories.map(({ name, handle }) => ({ name, href: `/categories/${encodeURIComponent(handle)}` })),
    ...collections.map(({ name, handle }) => ({ name, href: `/collections/${encodeURIComponent(handle)}` })),
  ];
  if (ways.length === 0) return null;
  return (
    <nav className="ways" aria-label={texts.byCategory}>
      <ul>
        {ways.map(({ name, href }) => (
          <li key={href}>
            <ShopLink href={href}>{name}</ShopLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
