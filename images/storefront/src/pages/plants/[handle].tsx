import type { PageConfig } from "next";
import { PageHead } from "../../components/page-head.tsx";
import { Picture } from "../../components/picture.tsx";
import { VariantChoice } from "../../components/variant-choice.tsx";
import { forSale } from "../../shop/price.ts";
import { MAX_QUANTITY } from "../../shop/quantity.ts";
import { shopPage } from "../../shop/shop-page.ts";
import { findProduct, shopRegion } from "../../store/catalogue.ts";
import type { Product } from "../../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

const FACTS: readonly (readonly [key: string, label: string])[] = [
  ["light", "Light"],
  ["water", "Water"],
  ["height", "Height"],
  ["pets", "Pets"],
];

export const getServerSideProps = shopPage<{ product: Product }>(async ({ asked }) => {
  const product = await findProduct(await shopRegion(), asked("handle") ?? "");
  return product === undefined ? { notFound: true } : { props: { product } };
});

export default function PlantPage({ product }: { product: Product }) {
  return (
    <article className="wrap product">
      <PageHead title={product.title} description={summary(product)} />
      <Gallery product={product} />
      <div className="product-text">
        <p className="crumb">
          <a href="/">All plants</a>
        </p>
        <h1>{product.title}</h1>
        {product.subtitle ? <p className="latin">{product.subtitle}</p> : null}
        <BuyForm product={product} />
        {product.description ? <p className="description">{product.description}</p> : null}
        <Facts product={product} />
      </div>
    </article>
  );
}

function Gallery({ product }: { product: Product }) {
  const pictures = (product.images ?? []).map(({ url }) => url);
  const shown = pictures.length > 0 ? pictures : [product.thumbnail];
  return (
    <div className="gallery">
      {shown.map((stored, index) => (
        <Picture
          key={stored ?? "none"}
          stored={stored}
          alt={index === 0 ? product.title : `${product.title}, picture ${index + 1}`}
          eager={index === 0}
        />
      ))}
    </div>
  );
}

function BuyForm({ product }: { product: Product }) {
  const variants = forSale(product);
  if (variants.length === 0) return <p className="price">Not for sale right now</p>;
  return (
    <form className="buy" method="post" action="/api/cart/items">
      <VariantChoice variants={variants} />
      <div className="buy-row">
        <label htmlFor="quantity">Quantity</label>
        <input
          id="quantity"
          name="quantity"
          type="number"
          inputMode="numeric"
          min={1}
          max={MAX_QUANTITY}
          defaultValue={1}
          required
        />
        <button className="button" type="submit">
          Add to cart
        </button>
      </div>
    </form>
  );
}

function Facts({ product }: { product: Product }) {
  const facts = FACTS.flatMap(([key, label]) => {
    const value = product.metadata?.[key];
    return typeof value === "string" ? [{ label, value }] : [];
  });
  if (facts.length === 0) return null;
  return (
    <section aria-labelledby="care">
      <h2 id="care">Care</h2>
      <dl className="facts">
        {facts.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function summary(product: Product): string {
  const text = product.description ?? product.subtitle ?? product.title;
  return text.length <= 160 ? text : `${text.slice(0, text.lastIndexOf(" ", 157))} …`;
}
