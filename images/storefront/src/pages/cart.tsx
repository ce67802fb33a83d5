import type { PageConfig } from "next";
import { CartLine } from "../components/cart-line.tsx";
import { useLanguage, useTexts, useWriting } from "../components/frame.tsx";
import { Notice } from "../components/notice.tsx";
import { PageHead } from "../components/page-head.tsx";
import { ShopForm, ShopLink } from "../components/shop-link.tsx";
import { Totals } from "../components/totals.tsx";
import { countryName } from "../language/language.ts";
import { say } from "../language/say.ts";
import { settings } from "../settings.ts";
import { type CheckedCart, checkedCart } from "../shop/checked-cart.ts";
import { cheapestOption, optionAmount } from "../shop/shipping.ts";
import { shopPage } from "../shop/shop-page.ts";
import { listShippingOptions } from "../store/carts.ts";
import { isRefused, isUnavailable } from "../store/errors.ts";
import type { Cart, ShippingOption } from "../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface CartProps {
  readonly checked: CheckedCart | null;
  readonly delivery: ShippingOption | null;
  readonly notice: string | null;
}

export const getServerSideProps = shopPage<CartProps>(async ({ asked, cookies }) => {
  const checked = (await checkedCart(cookies)) ?? null;
  const isFull = checked !== null && checked.cart.items.length > 0;
  const delivery = isFull ? ((await likelyDelivery(checked.cart)) ?? null) : null;
  return { props: { checked, delivery, notice: asked("notice") ?? null } };
});

/** The way of delivery the checkout will propose; a cart is worth showing without it. */
async function likelyDelivery(cart: Cart): Promise<ShippingOption | undefined> {
  try {
    const options = await listShippingOptions(cart.id);
    const chosen = cart.shipping_methods[0]?.shipping_option_id;
    return options.find(({ id }) => id === chosen) ?? cheapestOption(options);
  } catch (error) {
    if (!isRefused(error) && !isUnavailable(error)) throw error;
    process.stderr.write(`storefront: left out: ${error.message}\n`);
    return undefined;
  }
}

export default function CartPage({ checked, delivery, notice }: CartProps) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead title={texts.cart} hidden />
      <h1>{texts.cartTitle}</h1>
      <Notice name={notice} />
      {checked === null || checked.cart.items.length === 0 ? (
        <EmptyCart />
      ) : (
        <FullCart checked={checked} delivery={delivery} />
      )}
    </div>
  );
}

function EmptyCart() {
  const texts = useTexts();
  return (
    <div className="message">
      <p>{texts.cartEmpty}</p>
      <p>
        <ShopLink className="button" href="/plants">
          {texts.seeAll}
        </ShopLink>
      </p>
    </div>
  );
}

function FullCart({ checked, delivery }: { checked: CheckedCart; delivery: ShippingOption | null }) {
  const texts = useTexts();
  const { cart, troubles, changes } = checked;
  return (
    <div className="columns">
      <ul className="lines">
        {cart.items.map((item) => (
          <CartLine
            key={item.id}
            item={item}
            currency={cart.currency_code}
            trouble={troubles[item.id]}
            change={changes.find(({ line }) => line === item.id)}
          />
        ))}
      </ul>
      <aside className="panel" aria-label={texts.total}>
        <CartTotals cart={cart} delivery={delivery} />
        <Voucher cart={cart} />
        {checked.isBlocked ? (
          <p className="notice notice-bad">{texts.cartBlocked}</p>
        ) : (
          <ShopLink className="button button-wide" href="/checkout">
            {texts.toCheckout}
          </ShopLink>
        )}
      </aside>
    </div>
  );
}

function CartTotals({ cart, delivery }: { cart: Cart; delivery: ShippingOption | null }) {
  const texts = useTexts();
  const language = useLanguage();
  const { money } = useWriting();
  const isChosen = cart.shipping_methods.length > 0;
  const amount = delivery === null ? undefined : optionAmount(delivery);
  const instead = amount === undefined ? "–" : say(texts.from, { price: money(amount, cart.currency_code) });
  const country = cart.shipping_address?.country_code ?? settings().shopCountry;
  const description = delivery?.type?.description;
  return (
    <>
      <Totals amounts={cart} instead={isChosen ? undefined : instead} />
      {delivery === null ? null : (
        <p className="muted">
          {[say(texts.deliveryTo, { country: countryName(language, country) }), description].filter(Boolean).join(": ")}
        </p>
      )}
    </>
  );
}

function Voucher({ cart }: { cart: Cart }) {
  const texts = useTexts();
  const codes = (cart.promotions ?? []).flatMap(({ code, is_automatic }) => (code && !is_automatic ? [code] : []));
  return (
    <>
      {codes.map((code) => (
        <ShopForm key={code} className="voucher" action="/api/cart/voucher">
          <input type="hidden" name="remove" value={code} />
          <strong>{code}</strong>
          <button type="submit" aria-label={say(texts.voucherRemove, { code })}>
            {texts.remove}
          </button>
        </ShopForm>
      ))}
      <ShopForm className="voucher" action="/api/cart/voucher">
        <div className="field">
          <label htmlFor="code">{texts.voucher}</label>
          <input id="code" name="code" autoComplete="off" maxLength={60} required />
        </div>
        <button className="button button-quiet" type="submit">
          {texts.voucherUse}
        </button>
      </ShopForm>
    </>
  );
}
