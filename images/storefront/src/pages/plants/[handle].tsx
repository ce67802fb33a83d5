import type { PageConfig } from "next";
import { localized } from "../../catalogue/localized.ts";
import { relatedTo } from "../../catalogue/shelf.ts";
import { BuyForm } from "../../components/buy-form.tsx";
import { CareFacts } from "../../components/care-facts.tsx";
import { Crumbs } from "../../components/crumbs.tsx";
import { useLanguage, useTexts } from "../../components/frame.tsx";
import { Gallery } from "../../components/gallery.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { PlantGrid } from "../../components/plant-list.tsx";
import { ProductData } from "../../components/product-data.tsx";
import { shopPage } from "../../shop/shop-page.ts";
import { allProducts, findProduct, listCategories, orNone, shopRegion } from "../../store/catalogue.ts";
import type { Product } from "../../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface PlantProps {
  readonly product: Product;
  readonly related: readonly Product[];
  readonly notice: string | null;
  readonly crumb: { readonly name: string; readonly href: string } | null;
}

export const getServerSideProps = shopPage<PlantProps>(async ({ asked, language }) => {
  const region = await shopRegion();
  const product = await findProduct(region, asked("handle") ?? "");
  if (product === undefined) return { notFound: true };
  const [all, categories] = await Promise.all([orNone(allProducts(region)), orNone(listCategories())]);
  const category = categories.find(({ id }) => product.categories?.some((own) => own.id === id));
  const crumb = category && {
    name: localized(language, category, "name", category.name),
    href: `/categories/${encodeURIComponent(category.handle)}`,
  };
  return {
    props: { product, related: relatedTo(product, all), crumb: crumb ?? null, notice: asked("notice") ?? null },
  };
});

export default function PlantPage({ product, related, crumb, notice }: PlantProps) {
  const texts = useTexts();
  const language = useLanguage();
  const title = localized(language, product, "title", product.title);
  const description = localized(language, product, "description", product.description);
  return (
    <>
      <article className="wrap product">
        <PageHead
          title={title}
          description={summary(description || (product.subtitle ?? title))}
          picture={product.thumbnail}
          type="product"
        />
        <ProductData product={product} title={title} description={description} />
        <Gallery product={product} title={title} />
        <div className="product-text">
          <Crumbs links={[{ name: texts.allPlants, href: "/plants" }, ...(crumb === null ? [] : [crumb])]} />
          <h1>{title}</h1>
          {product.subtitle ? <p className="latin">{product.subtitle}</p> : null}
          <Notice name={notice} />
          <BuyForm product={product} />
          {description === "" ? null : <p className="description">{description}</p>}
          <CareFacts product={product} />
        </div>
      </article>
      {related.length === 0 ? null : (
        <section className="wrap related" aria-labelledby="related">
          <h2 id="related">{texts.related}</h2>
          <PlantGrid products={related} />
        </section>
      )}
    </>
  );
}

function summary(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, text.lastIndexOf(" ", 157))} …`;
}
