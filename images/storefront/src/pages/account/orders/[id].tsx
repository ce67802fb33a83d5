import type { PageConfig } from "next";
import { useTexts, useWriting } from "../../../components/frame.tsx";
import { Notice } from "../../../components/notice.tsx";
import { OrderDetails } from "../../../components/order-details.tsx";
import { PageHead } from "../../../components/page-head.tsx";
import { ShopLink } from "../../../components/shop-link.tsx";
import { say } from "../../../language/say.ts";
import { ReturnList } from "../../../returns/return-list.tsx";
import { findReturns, type Returns } from "../../../returns/store-returns.ts";
import { shopPage } from "../../../shop/shop-page.ts";
import { sessionOf } from "../../../shop/visitor.ts";
import { listOrders } from "../../../store/customers.ts";
import type { Order } from "../../../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface OrderProps {
  readonly order: Order;
  /** Null beside a backend of before, which knows none. */
  readonly returns: Returns | null;
  readonly notice: string | null;
}

export const getServerSideProps = shopPage<OrderProps>(async ({ asked, cookies }) => {
  const token = sessionOf(cookies);
  const orders = token === undefined ? undefined : await listOrders(token);
  if (token === undefined || orders === undefined) return { goTo: "/account?notice=login-first" };
  const order = orders.find(({ id }) => id === asked("id"));
  if (order === undefined) return { notFound: true };
  const returns = await findReturns(token, order.id);
  return { props: { order, returns: returns ?? null, notice: asked("notice") ?? null } };
});

export default function AccountOrderPage({ order, returns, notice }: OrderProps) {
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
      <Notice name={notice} />
      <OrderDetails order={order} />
      {returns === null ? null : <ReturnList order={returns.order} />}
    </div>
  );
}
