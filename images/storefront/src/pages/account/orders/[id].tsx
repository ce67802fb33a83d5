import type { PageConfig } from "next";
import { useTexts, useWriting } from "../../../components/frame.tsx";
import { OrderDetails } from "../../../components/order-details.tsx";
import { PageHead } from "../../../components/page-head.tsx";
import { ShopLink } from "../../../components/shop-link.tsx";
import { say } from "../../../language/say.ts";
import { shopPage } from "../../../shop/shop-page.ts";
import { sessionOf } from "../../../shop/visitor.ts";
import { listOrders } from "../../../store/customers.ts";
import type { Order } from "../../../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = shopPage<{ order: Order }>(async ({ asked, cookies }) => {
  const token = sessionOf(cookies);
  const orders = token === undefined ? undefined : await listOrders(token);
  if (orders === undefined) return { goTo: "/account?notice=login-first" };
  const order = orders.find(({ id }) => id === asked("id"));
  return order === undefined ? { notFound: true } : { props: { order } };
});

export default function AccountOrderPage({ order }: { order: Order }) {
  const texts = useTexts();
  const { date } = useWriting();
  const title = say(texts.orderOf, { number: order.display_id, date: date(order.created_at ?? "") });
  return (
    <div className="wrap">
      <PageHead title={title} hidden />
      <p className="crumb">
        <ShopLink href="/account">{texts.account}</ShopLink>
      </p>
      <h1>{title}</h1>
      <OrderDetails order={order} />
    </div>
  );
}
