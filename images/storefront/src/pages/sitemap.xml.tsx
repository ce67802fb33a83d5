import type { GetServerSideProps } from "next";
import { writeSitemap } from "../catalogue/sitemap.ts";
import { settings } from "../settings.ts";
import { allProducts, listCategories, listCollections, orNone, shopRegion } from "../store/catalogue.ts";
import { isUnavailable } from "../store/errors.ts";
import { TEXT_PAGES } from "../text-pages/default-pages.ts";
import { isTextPage } from "../text-pages/from-categories.ts";

export const getServerSideProps: GetServerSideProps = async ({ res }) => {
  try {
    const [products, categories, collections] = await Promise.all([
      shopRegion().then(allProducts),
      orNone(listCategories()),
      orNone(listCollections()),
    ]);
    const below = (folder: string, things: readonly { handle: string }[]) =>
      things.map(({ handle }) => `/${folder}/${encodeURIComponent(handle)}`);
    const paths = [
      "/",
      "/plants",
      ...below(
        "categories",
        categories.filter((category) => !isTextPage(category, categories)),
      ),
      ...below("collections", collections),
      ...below("plants", products),
      ...TEXT_PAGES.map((name) => `/pages/${name}`),
    ];
    res.setHeader("Content-Type", "application/xml; charset=utf-8");
    res.end(writeSitemap(settings().shopUrl, paths));
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    res.statusCode = 503;
    res.setHeader("Retry-After", "60");
    res.end();
  }
  return { props: {} };
};

export default function Sitemap() {
  return null;
}
