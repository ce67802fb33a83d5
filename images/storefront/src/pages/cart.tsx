import type { PageConfig } from "next";
import { VariantName } from "../components/line-list.tsx";
import { Notice } from "../components/notice.tsx";
import { PageHead } from "../components/page-head.tsx";
import { Picture } from "../components/picture.tsx";
import { Totals } from "../components/totals.tsx";
import { formatMoney } from "../shop/money.ts";
import { MAX_QUANTITY } from "../shop/quantity.ts";
import { shopPage } from "../shop/shop-page.ts";
import { currentCart } from "../shop/visitor.ts";
import type { Cart, LineItem } from "../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface CartProps {
  readonly cart: Cart | null;
  readonly notice: string | null;
}

export const getServerSideProps = shopPage<CartProps>(async ({ asked, cookies }) => ({
  props: { cart: (await currentCart(cookies)) ?? null, notice: asked("notice") ?? null },
}));

export default function CartPage({ cart, notice }: CartProps) {
  return (
    <div className="wrap">
      <PageHead title="Cart" hidden />
      <h1>Your cart</h1>
      <Notice name={notice} />
      {cart === null || cart.items.length === 0 ? <EmptyCart /> : <FullCart cart={cart} />}
    </div>
  );
}

function EmptyCart() {
  return (
    <div className="message">
      <p>There is nothing in it yet.</p>
      <p>
        <a className="button" href="/">
          See all plants
        </a>
      </p>
    </div>
  );
}

function FullCart({ cart }: { cart: Cart }) {
  return (
    <div className="columns">
      <ul className="lines">
        {cart.items.map((item) => (
          <CartLine key={item.id} item={item} currency={cart.currency_code} />
        ))}
      </ul>
      <aside className="panel" aria-label="Total">
        <Totals amounts={cart} delivery={cart.shipping_methods.length > 0} />
        <a className="button button-wide" href="/checkout">
          Go to checkout
        </a>
      </aside>
    </div>
  );
}

function CartLine({ item, currency }: { item: LineItem; currency: string }) {
  const name = item.product_title ?? item.title;
  return (
    <li>
      <Picture stored={item.thumbnail} alt="" width={80} height={100} />
      <div>
        <a className="line-name" href={`/plants/${encodeURIComponent(item.product_handle ?? "")}`}>
          {name}
        </a>
        <VariantName item={item} />
        <QuantityForm item={item} name={name} />
      </div>
      <span className="line-total">{formatMoney(item.total, currency)}</span>
    </li>
  );
}

/** Each button is a whole step: it sends the quantity it stands for. */
function QuantityForm({ item, name }: { item: LineItem; name: string }) {
  const { quantity } = item;
  return (
    <form className="stepper" method="post" action={`/api/cart/items/${encodeURIComponent(item.id)}`}>
      <button name="quantity" value={quantity - 1} aria-label={`One fewer of ${name}`}>
        −
      </button>
      <span>
        <span className="visually-hidden">Quantity </span>
        {quantity}
      </span>
      <button
        name="quantity"
        value={quantity + 1}
        aria-label={`One more of ${name}`}
        disabled={quantity >= MAX_QUANTITY}
      >
        +
      </button>
      <button className="remove" name="quantity" value={0} aria-label={`Remove ${name}`}>
        Remove
      </button>
    </form>
  );
}
