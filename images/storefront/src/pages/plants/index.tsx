import type { PageConfig } from "next";
import { type Listing, makeListing } from "../../catalogue/listing.ts";
import { useTexts } from "../../components/frame.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { PlantList } from "../../components/plant-list.tsx";
import { shopPage } from "../../shop/shop-page.ts";
import { allProducts, shopRegion } from "../../store/catalogue.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<{ listing: Listing }>(async (visit) => {
  const products = await allProducts(await shopRegion());
  const listing = makeListing({ ...visit, path: "/plants", products });
  return listing === undefined ? { notFound: true } : { props: { listing } };
});

export default function PlantsPage({ listing }: { listing: Listing }) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead title={texts.allPlants} query={listing.number > 1 ? `?page=${listing.number}` : ""} />
      <h1>{texts.allPlants}</h1>
      <PlantList listing={listing} />
    </div>
  );
}
