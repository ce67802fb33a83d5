import type { PageConfig } from "next";
import { useTexts } from "../../components/frame.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { ShopForm } from "../../components/shop-link.tsx";
import { TextField } from "../../components/text-field.tsx";
import { shopPage } from "../../shop/shop-page.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<{ notice: string | null }>(async ({ asked }) => ({
  props: { notice: asked("notice") ?? null },
}));

export default function FindOrderPage({ notice }: { notice: string | null }) {
  const texts = useTexts();
  const empty = { value: "", problem: undefined, required: true };
  return (
    <div className="wrap">
      <PageHead title={texts.findOrder} hidden />
      <div className="narrow">
        <h1>{texts.findOrder}</h1>
        <Notice name={notice} />
        <p>{texts.findOrderText}</p>
        <ShopForm className="form" action="/api/order/find">
          <TextField {...empty} name="number" label={texts.orderNumber} autoComplete="off" />
          <TextField {...empty} name="email" label={texts.email} type="email" autoComplete="email" />
          <button className="button" type="submit">
            {texts.showOrder}
          </button>
        </ShopForm>
      </div>
    </div>
  );
}
