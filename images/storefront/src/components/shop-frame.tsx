import Head from "next/head";
import type { ReactNode } from "react";
import { say } from "../language/say.ts";
import type { Frame } from "../shop/shop-page.ts";
import { TEXTS } from "../texts/texts.ts";
import { FrameProvider } from "./frame.tsx";
import { SiteFooter } from "./site-footer.tsx";
import { SiteHeader } from "./site-header.tsx";

/** Header, footer and what every page says of itself; a page's own PageHead takes precedence. */
export function ShopFrame({ frame, children }: { frame: Frame; children: ReactNode }) {
  const texts = TEXTS[frame.language];
  return (
    <FrameProvider value={frame}>
      <Head>
        <meta key="viewport" name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${frame.title}: ${texts.claim}`}</title>
        <meta key="description" name="description" content={say(texts.described, { shop: frame.title })} />
      </Head>
      <a className="skip" href="#content">
        {texts.skip}
      </a>
      <SiteHeader />
      <main id="content">{children}</main>
      <SiteFooter />
    </FrameProvider>
  );
}
