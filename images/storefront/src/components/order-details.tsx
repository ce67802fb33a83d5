import type { Order } from "../store/types.ts";
import { AddressBlock } from "./address-block.tsx";
import { useTexts } from "./frame.tsx";
import { LineList } from "./line-list.tsx";
import { ShopLink } from "./shop-link.tsx";
import { Totals } from "./totals.tsx";

export function OrderDetails({ order }: { order: Order }) {
  const texts = useTexts();
  return (
    <div className="columns">
      <section aria-labelledby="ordered">
        <h2 id="ordered">{texts.ordered}</h2>
        <LineList items={order.items} currency={order.currency_code} />
        <h2>{texts.sendTo}</h2>
        <AddressBlock email={null} address={order.shipping_address} />
        <p className="muted">{order.shipping_methods.map(({ name }) => name).join(", ")}</p>
      </section>
      <aside className="panel" aria-label={texts.total}>
        <Totals amounts={order} />
        <ShopLink className="button button-wide" href="/plants">
          {texts.back}
        </ShopLink>
      </aside>
    </div>
  );
}
