import type { PageConfig } from "next";
import { AddressBlock } from "../../components/address-block.tsx";
import { useTexts, useWriting } from "../../components/frame.tsx";
import { LineList } from "../../components/line-list.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { ShopForm, ShopLink } from "../../components/shop-link.tsx";
import { Steps } from "../../components/steps.tsx";
import { Totals } from "../../components/totals.tsx";
import { PLACE_FIELDS } from "../../shop/address-form.ts";
import { checkedCart } from "../../shop/checked-cart.ts";
import { optionAmount } from "../../shop/shipping.ts";
import { shopPage } from "../../shop/shop-page.ts";
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
  const checked = await checkedCart(cookies);
  if (checked === undefined || checked.cart.items.length === 0 || checked.isBlocked) return { goTo: "/cart" };
  const { cart } = checked;
  if (!hasAddress(cart)) return { goTo: "/checkout" };
  return { props: { cart, options: await listShippingOptions(cart.id), notice: asked("notice") ?? null } };
});

export default function DeliveryPage({ cart, options, notice }: DeliveryProps) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead title={texts.stepDelivery} hidden />
      <Steps current="delivery" />
      <h1>{texts.stepDelivery}</h1>
      <Notice name={notice} />
      <ShopForm className="columns" action="/api/checkout/order">
        <input type="hidden" name="total" value={String(cart.total)} />
        <div className="form">
          <DeliveryChoice cart={cart} options={options} />
          <Places cart={cart} />
          <section aria-labelledby="payment">
            <h2 id="payment">{texts.payment}</h2>
            <p>{texts.paymentText}</p>
          </section>
        </div>
        <aside className="panel" aria-label={texts.yourOrder}>
          <LineList items={cart.items} currency={cart.currency_code} />
          <Totals amounts={cart} />
          <button className="button button-wide" type="submit" name="place" value="1">
            {texts.placeOrder}
          </button>
          <p className="muted fine-print">
            <ShopLink href="/pages/terms">{texts.agree}</ShopLink>{" "}
            <ShopLink href="/pages/returns">{texts.returnsHint}</ShopLink>
          </p>
        </aside>
      </ShopForm>
    </div>
  );
}

function Places({ cart }: { cart: Cart }) {
  const texts = useTexts();
  const { shipping_address: shipping, billing_address: billing } = cart;
  const isElsewhere = billing?.address_1 && PLACE_FIELDS.some((name) => billing[name] !== shipping?.[name]);
  return (
    <section aria-labelledby="send-to">
      <h2 id="send-to">{texts.sendTo}</h2>
      <AddressBlock email={cart.email} address={shipping} />
      {isElsewhere ? (
        <>
          <h3>{texts.invoiceTo}</h3>
          <AddressBlock email={null} address={billing} />
        </>
      ) : null}
      <p>
        <ShopLink href="/checkout">{texts.changeAddress}</ShopLink>
      </p>
    </section>
  );
}

function DeliveryChoice({ cart, options }: { cart: Cart; options: readonly ShippingOption[] }) {
  const texts = useTexts();
  const { money } = useWriting();
  const chosen = cart.shipping_methods[0]?.shipping_option_id;
  return (
    <fieldset className="choice">
      <legend>{texts.delivery}</legend>
      {options.map((option) => {
        const amount = optionAmount(option);
        const description = option.type?.description ?? "";
        return (
          <label key={option.id}>
            <input type="radio" name="option" value={option.id} defaultChecked={option.id === chosen} required />
            <span>
              {option.name}
              {description === "" ? null : <span className="muted">{description}</span>}
            </span>
            <strong>{amount === undefined ? "" : money(amount, cart.currency_code)}</strong>
          </label>
        );
      })}
      {options.length > 1 ? (
        <button className="button button-quiet" type="submit">
          {texts.updateTotal}
        </button>
      ) : null}
    </fieldset>
  );
}
