import Head from "next/head";
import type { ReactNode } from "react";
import type { Frame } from "../shop/shop-page.ts";
import { SiteFooter } from "./site-footer.tsx";
import { SiteHeader } from "./site-header.tsx";

/** Header, footer and what every page says of itself; a page's own PageHead takes precedence. */
export function ShopFrame({ frame, children }: { frame: Frame; children: ReactNode }) {
  return (
    <>
      <Head>
        <meta key="viewport" name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${frame.title}: house plants, grown slowly`}</title>
        <meta
          key="description"
          name="description"
          content={`House plants from ${frame.title}, grown slowly and sent with care: clear prices, honest advice on light and water.`}
        />
      </Head>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <SiteHeader title={frame.title} count={frame.cartCount} />
      <main id="content">{children}</main>
      <SiteFooter title={frame.title} />
    </>
  );
}
