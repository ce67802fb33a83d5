import type { PageConfig } from "next";
import { type Listing, makeListing } from "../../catalogue/listing.ts";
import { localized } from "../../catalogue/localized.ts";
import { inCategory } from "../../catalogue/shelf.ts";
import { Crumbs } from "../../components/crumbs.tsx";
import { useTexts } from "../../components/frame.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { PlantList } from "../../components/plant-list.tsx";
import { ShopLink } from "../../components/shop-link.tsx";
import { type CategoryLink, shopPage } from "../../shop/shop-page.ts";
import { allProducts, listCategories, shopRegion } from "../../store/catalogue.ts";
import type { Category } from "../../store/types.ts";
import { isTextPage } from "../../text-pages/from-categories.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface CategoryProps {
  readonly name: string;
  readonly text: string;
  readonly parents: readonly CategoryLink[];
  readonly children: readonly CategoryLink[];
  readonly listing: Listing;
}

export const getServerSideProps = shopPage<CategoryProps>(async (visit) => {
  const { asked, language } = visit;
  const [products, categories] = await Promise.all([shopRegion().then(allProducts), listCategories()]);
  const category = categories.find(({ handle }) => handle === asked("handle"));
  if (category === undefined || isTextPage(category, categories)) return { notFound: true };
  const path = `/categories/${encodeURIComponent(category.handle)}`;
  const listing = makeListing({ ...visit, path, products: inCategory(products, category, categories) });
  if (listing === undefined) return { notFound: true };
  const link = (each: Category) => ({ name: localized(language, each, "name", each.name), handle: each.handle });
  return {
    props: {
      name: link(category).name,
      text: localized(language, category, "description", category.description),
      parents: parentsOf(category, categories).map(link),
      children: categories.filter(({ parent_category_id }) => parent_category_id === category.id).map(link),
      listing,
    },
  };
});

function parentsOf(category: Category, all: readonly Category[]): readonly Category[] {
  const parent = all.find(({ id }) => id === category.parent_category_id);
  return parent === undefined ? [] : [...parentsOf(parent, all), parent];
}

export default function CategoryPage({ name, text, parents, children, listing }: CategoryProps) {
  const texts = useTexts();
  const page = listing.number > 1 ? `?page=${listing.number}` : "";
  const crumbs = parents.map((parent) => ({ name: parent.name, href: `/categories/${parent.handle}` }));
  return (
    <div className="wrap">
      <PageHead title={name} {...(text === "" ? {} : { description: text })} query={page} />
      <Crumbs links={[{ name: texts.allPlants, href: "/plants" }, ...crumbs]} />
      <h1>{name}</h1>
      {text === "" ? null : <p className="lead">{text}</p>}
      {children.length === 0 ? null : (
        <ul className="ways">
          {children.map((child) => (
            <li key={child.handle}>
              <ShopLink href={`/categories/${encodeURIComponent(child.handle)}`}>{child.name}</ShopLink>
            </li>
          ))}
        </ul>
      )}
      <PlantList listing={listing} />
    </div>
  );
}
