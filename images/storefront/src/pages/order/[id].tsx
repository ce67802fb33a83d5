import type { PageConfig } from "next";
import { useFrame, useTexts, useWriting } from "../../components/frame.tsx";
import { OrderDetails } from "../../components/order-details.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { say } from "../../language/say.ts";
import { shopPage } from "../../shop/shop-page.ts";
import { rememberedOrder } from "../../shop/visitor.ts";
import { findOrder } from "../../store/carts.ts";
import type { Order } from "../../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<{ order: Order }>(async ({ asked, cookies }) => {
  const id = asked("id") ?? "";
  const order = rememberedOrder(cookies) === id ? await findOrder(id) : undefined;
  return order === undefined ? { notFound: true } : { props: { order } };
});

export default function OrderPage({ order }: { order: Order }) {
  const texts = useTexts();
  const { money } = useWriting();
  const { sendsMail } = useFrame();
  return (
    <div className="wrap">
      <PageHead title={texts.thanksHead} hidden />
      <h1>{texts.thanks}</h1>
      <p className="lead">
        {texts.orderNumber} <strong data-testid="order-number">{order.display_id}</strong>. {texts.orderKeep}
      </p>
      {sendsMail ? <p>{say(texts.orderMailed, { email: order.email ?? "" })}</p> : null}
      <p>{say(texts.orderPay, { total: money(order.total, order.currency_code) })}</p>
      <OrderDetails order={order} />
    </div>
  );
}
