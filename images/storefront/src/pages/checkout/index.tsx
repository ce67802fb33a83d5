import type { PageConfig } from "next";
import { AddressFields } from "../../components/address-fields.tsx";
import { useTexts } from "../../components/frame.tsx";
import { LineList } from "../../components/line-list.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Steps } from "../../components/steps.tsx";
import { Totals } from "../../components/totals.tsx";
import { settings } from "../../settings.ts";
import { type AddressForm, type AddressProblems, checkAddress, formOf } from "../../shop/address-form.ts";
import { checkedCart } from "../../shop/checked-cart.ts";
import { shopPage } from "../../shop/shop-page.ts";
import { draft, sessionOf } from "../../shop/visitor.ts";
import { countryCodes, shopRegion } from "../../store/catalogue.ts";
import { findCustomer } from "../../store/customers.ts";
import type { Cart } from "../../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface CheckoutProps {
  readonly cart: Cart;
  readonly countries: readonly string[];
  readonly values: AddressForm;
  readonly problems: AddressProblems;
  readonly notice: string | null;
}

export const getServerSideProps = shopPage<CheckoutProps>(async ({ asked, cookies }) => {
  const [checked, region] = await Promise.all([checkedCart(cookies), shopRegion()]);
  if (checked === undefined || checked.cart.items.length === 0 || checked.isBlocked) return { goTo: "/cart" };
  const { cart } = checked;
  const notice = asked("notice") ?? null;
  const countries = countryCodes(region);
  const rejected = notice === "check" || notice === "invoice" ? draft(cookies) : undefined;
  const problems = rejected === undefined || notice === "invoice" ? {} : checkAddress(rejected, countries);
  const values = rejected ?? (await valuesOf(cart, sessionOf(cookies)));
  return { props: { cart, countries, values, problems, notice } };
});

/** What the cart says, and for a customer who says nothing yet, the account. */
async function valuesOf(cart: Cart, token: string | undefined): Promise<AddressForm> {
  const hasAddress = Boolean(cart.shipping_address?.address_1);
  const customer = hasAddress || token === undefined ? undefined : await findCustomer(token);
  const known = customer?.addresses.find(({ is_default_shipping }) => is_default_shipping) ?? customer?.addresses[0];
  const email = cart.email ?? customer?.email ?? null;
  const form = formOf(email, known ?? cart.shipping_address, cart.billing_address ?? null);
  return { ...form, country_code: form.country_code || settings().shopCountry };
}

export default function CheckoutPage({ cart, countries, values, problems, notice }: CheckoutProps) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead title={texts.checkout} hidden />
      <Steps current="address" />
      <h1>{texts.checkoutTitle}</h1>
      <Notice name={notice} />
      <div className="columns">
        <AddressFields values={values} problems={problems} countries={countries} />
        <aside className="panel" aria-label={texts.yourCart}>
          <LineList items={cart.items} currency={cart.currency_code} />
          <Totals amounts={cart} instead={cart.shipping_methods.length > 0 ? undefined : "–"} />
        </aside>
      </div>
    </div>
  );
}
