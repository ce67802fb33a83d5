import type { PageConfig } from "next";
import { type Listing, makeListing } from "../../catalogue/listing.ts";
import { localized } from "../../catalogue/localized.ts";
import { Crumbs } from "../../components/crumbs.tsx";
import { useTexts } from "../../components/frame.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { PlantList } from "../../components/plant-list.tsx";
import { shopPage } from "../../shop/shop-page.ts";
import { allProducts, listCollections, shopRegion } from "../../store/catalogue.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface CollectionProps {
  readonly name: string;
  readonly listing: Listing;
}

export const getServerSideProps = shopPage<CollectionProps>(async (visit) => {
  const [products, collections] = await Promise.all([shopRegion().then(allProducts), listCollections()]);
  const collection = collections.find(({ handle }) => handle === visit.asked("handle"));
  if (collection === undefined) return { notFound: true };
  const listing = makeListing({
    ...visit,
    path: `/collections/${encodeURIComponent(collection.handle)}`,
    products: products.filter(({ collection_id }) => collection_id === collection.id),
  });
  if (listing === undefined) return { notFound: true };
  return { props: { name: localized(visit.language, collection, "title", collection.title), listing } };
});

export default function CollectionPage({ name, listing }: CollectionProps) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead title={name} query={listing.number > 1 ? `?page=${listing.number}` : ""} />
      <Crumbs links={[{ name: texts.allPlants, href: "/plants" }]} />
      <h1>{name}</h1>
      <PlantList listing={listing} />
    </div>
  );
}
