import type { PageConfig } from "next";
import { AddressBlock } from "../../components/address-block.tsx";
import { LineList } from "../../components/line-list.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Steps } from "../../components/steps.tsx";
import { Totals } from "../../components/totals.tsx";
import { formatMoney } from "../../shop/money.ts";
import { optionAmount } from "../../shop/shipping.ts";
import { shopPage } from "../../shop/shop-page.ts";
import { currentCart } from "../../shop/visitor.ts";
import { hasAddress, listShippingOptions } from "../../store/carts.ts";
import type { Cart, ShippingOption } from "../../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface DeliveryProps {
  readonly cart: Cart;
  readonly options: readonly ShippingOption[];
  readonly notice: string | null;
}

export const getServerSideProps = shopPage<DeliveryProps>(async ({ asked, cookies }) => {
  const cart = await currentCart(cookies);
  if (cart === undefined || cart.items.length === 0) return { goTo: "/cart" };
  if (!hasAddress(cart)) return { goTo: "/checkout" };
  return { props: { cart, options: await listShippingOptions(cart.id), notice: asked("notice") ?? null } };
});

export default function DeliveryPage({ cart, options, notice }: DeliveryProps) {
  return (
    <div className="wrap">
      <PageHead title="Delivery and payment" hidden />
      <Steps current="delivery" />
      <h1>Delivery and payment</h1>
      <Notice name={notice} />
      <form className="columns" method="post" action="/api/checkout/order">
        <input type="hidden" name="total" value={String(cart.total)} />
        <div className="form">
          <DeliveryChoice cart={cart} options={options} />
          <section aria-labelledby="send-to">
            <h2 id="send-to">Send to</h2>
            <AddressBlock email={cart.email} address={cart.shipping_address} />
            <p>
              <a href="/checkout">Change the address</a>
            </p>
          </section>
          <section aria-labelledby="payment">
            <h2 id="payment">Payment</h2>
            <p>By bank transfer, once your plants are on their way. You get the details by e-mail.</p>
          </section>
        </div>
        <aside className="panel" aria-label="Your order">
          <LineList items={cart.items} currency={cart.currency_code} />
          <Totals amounts={cart} delivery={cart.shipping_methods.length > 0} />
          <button className="button button-wide" type="submit" name="place" value="1">
            Place order
          </button>
          <p className="muted fine-print">You order with an obligation to pay.</p>
        </aside>
      </form>
    </div>
  );
}

function DeliveryChoice({ cart, options }: { cart: Cart; options: readonly ShippingOption[] }) {
  const chosen = cart.shipping_methods[0]?.shipping_option_id;
  return (
    <fieldset className="choice">
      <legend>Delivery</legend>
      {options.map((option) => {
        const amount = optionAmount(option);
        return (
          <label key={option.id}>
            <input type="radio" name="option" value={option.id} defaultChecked={option.id === chosen} required />
            <span>
              {option.name}
              {option.type?.description ? <span className="muted">{option.type.description}</span> : null}
            </span>
            <strong>{amount === undefined ? "" : formatMoney(amount, cart.currency_code)}</strong>
          </label>
        );
      })}
      {options.length > 1 ? (
        <button className="button button-quiet" type="submit">
          Update the total
        </button>
      ) : null}
    </fieldset>
  );
}
