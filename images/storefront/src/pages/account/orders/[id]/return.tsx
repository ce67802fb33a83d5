import type { PageConfig } from "next";
import { useTexts } from "../../../../components/frame.tsx";
import { Notice } from "../../../../components/notice.tsx";
import { PageHead } from "../../../../components/page-head.tsx";
import { ShopLink } from "../../../../components/shop-link.tsx";
import { say } from "../../../../language/say.ts";
import { ReturnForm } from "../../../../returns/return-form.tsx";
import { findReturns, type Returns } from "../../../../returns/store-returns.ts";
import { shopPage } from "../../../../shop/shop-page.ts";
import { sessionOf } from "../../../../shop/visitor.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<Returns & { notice: string | null }>(async ({ asked, cookies }) => {
  const token = sessionOf(cookies);
  if (token === undefined) return { goTo: "/account?notice=login-first" };
  const found = await findReturns(token, asked("id") ?? "");
  if (found === undefined) return { notFound: true };
  return { props: { ...found, notice: asked("notice") ?? null } };
});

export default function ReturnPage({ order, reasons, notice }: Returns & { notice: string | null }) {
  const texts = useTexts();
  const title = say(texts.returnTitle, { number: order.display_id });
  return (
    <div className="wrap">
      <PageHead title={title} hidden />
      <div className="narrow">
        <h1>{title}</h1>
        <Notice name={notice} />
        {order.lines.length === 0 ? (
          <p>{texts.returnNothing}</p>
        ) : (
          <>
            <p>
              {texts.returnText} <ShopLink href="/pages/returns">{texts.returnsHint}</ShopLink>
            </p>
            <ReturnForm order={order} reasons={reasons} />
          </>
        )}
      </div>
    </div>
  );
}
