import type { PageConfig } from "next";
import { AddressBlock } from "../../components/address-block.tsx";
import { LineList } from "../../components/line-list.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Totals } from "../../components/totals.tsx";
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
  return (
    <div className="wrap">
      <PageHead title="Thank you" hidden />
      <h1>Thank you, your order is placed</h1>
      <p className="lead">
        Order number <strong data-testid="order-number">{order.display_id}</strong>. We write to {order.email} as soon
        as your plants leave us.
      </p>
      <div className="columns">
        <section aria-labelledby="ordered">
          <h2 id="ordered">What you ordered</h2>
          <LineList items={order.items} currency={order.currency_code} />
          <h2>Send to</h2>
          <AddressBlock email={null} address={order.shipping_address} />
          <p className="muted">{order.shipping_methods.map(({ name }) => name).join(", ")}</p>
        </section>
        <aside className="panel" aria-label="Total">
          <Totals amounts={order} delivery />
          <a className="button button-wide" href="/">
            Back to the plants
          </a>
        </aside>
      </div>
    </div>
  );
}
