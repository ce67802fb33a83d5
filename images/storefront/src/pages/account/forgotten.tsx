import type { PageConfig } from "next";
import { useLanguage, useTexts } from "../../components/frame.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { ShopLink } from "../../components/shop-link.tsx";
import { shopPage } from "../../shop/shop-page.ts";
import { DEFAULT_PAGES } from "../../text-pages/default-pages.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<object>(async () => ({ props: {} }));

export default function ForgottenPage() {
  const texts = useTexts();
  const language = useLanguage();
  return (
    <div className="wrap">
      <PageHead title={texts.forgotten} hidden />
      <div className="narrow">
        <h1>{texts.forgotten}</h1>
        <p>{texts.forgottenText}</p>
        <p>
          <ShopLink className="button" href="/pages/contact">
            {DEFAULT_PAGES[language].contact.title}
          </ShopLink>
        </p>
      </div>
    </div>
  );
}
