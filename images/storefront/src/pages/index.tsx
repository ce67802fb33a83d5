import type { PageConfig } from "next";
import { Notice } from "../components/notice.tsx";
import { PlantCard } from "../components/plant-card.tsx";
import { shopPage } from "../shop/shop-page.ts";
import { listProducts, PAGE_SIZE, shopRegion } from "../store/catalogue.ts";
import type { Product } from "../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

/** What a phone shows first; a computer fetches the rest of its first row soon enough. */
const ABOVE_THE_FOLD = 2;

interface HomeProps {
  readonly products: readonly Product[];
  readonly count: number;
  readonly number: number;
  readonly pages: number;
  readonly notice: string | null;
}

export const getServerSideProps = shopPage<HomeProps>(async ({ asked }) => {
  const number = readPage(asked("page") ?? "1");
  if (number === undefined) return { notFound: true };
  const { products, count } = await listProducts(await shopRegion(), number);
  const pages = Math.max(1, Math.ceil(count / PAGE_SIZE));
  if (number > pages) return { notFound: true };
  return { props: { products, count, number, pages, notice: asked("notice") ?? null } };
});

function readPage(value: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(value) ? Number(value) : undefined;
}

export default function Home({ products, count, number, pages, notice }: HomeProps) {
  return (
    <div className="wrap">
      <Notice name={notice} />
      <section className="hero">
        <h1>Green company for every corner</h1>
        <p>House plants grown slowly, chosen by hand and packed so that they arrive the way they left us.</p>
      </section>
      <section aria-labelledby="plants">
        <div className="section-head">
          <h2 id="plants">All plants</h2>
          <p className="muted">{count === 1 ? "1 plant" : `${count} plants`}</p>
        </div>
        {products.length === 0 ? <p>The shelves are being filled. Please come back soon.</p> : null}
        <ul className="grid">
          {products.map((product, index) => (
            <PlantCard key={product.id} product={product} eager={index < ABOVE_THE_FOLD} />
          ))}
        </ul>
        <Pages number={number} pages={pages} />
      </section>
    </div>
  );
}

function Pages({ number, pages }: { number: number; pages: number }) {
  if (pages === 1) return null;
  return (
    <nav className="pages" aria-label="Pages">
      {number > 1 ? <a href={`/?page=${number - 1}`}>Previous page</a> : <span />}
      <span className="muted">
        Page {number} of {pages}
      </span>
      {number < pages ? <a href={`/?page=${number + 1}`}>Next page</a> : <span />}
    </nav>
  );
}
