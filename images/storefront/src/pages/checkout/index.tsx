import type { PageConfig } from "next";
import { AddressFields } from "../../components/address-fields.tsx";
import { LineList } from "../../components/line-list.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Steps } from "../../components/steps.tsx";
import { Totals } from "../../components/totals.tsx";
import { settings } from "../../settings.ts";
import { ADDRESS_FIELDS, type AddressForm, type AddressProblems, checkAddress } from "../../shop/address-form.ts";
import { shopPage } from "../../shop/shop-page.ts";
import { currentCart, draft } from "../../shop/visitor.ts";
import { countryCodes, shopRegion } from "../../store/catalogue.ts";
import type { Cart, Region } from "../../store/types.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface CheckoutProps {
  readonly cart: Cart;
  readonly countries: Region["countries"];
  readonly values: AddressForm;
  readonly problems: AddressProblems;
  readonly notice: string | null;
}

export const getServerSideProps = shopPage<CheckoutProps>(async ({ asked, cookies }) => {
  const [cart, region] = await Promise.all([currentCart(cookies), shopRegion()]);
  if (cart === undefined || cart.items.length === 0) return { goTo: "/cart" };
  const notice = asked("notice") ?? null;
  const rejected = notice === "check" ? draft(cookies) : undefined;
  const problems = rejected === undefined ? {} : checkAddress(rejected, countryCodes(region));
  return { props: { cart, countries: region.countries, values: rejected ?? valuesOf(cart), problems, notice } };
});

export default function CheckoutPage({ cart, countries, values, problems, notice }: CheckoutProps) {
  return (
    <div className="wrap">
      <PageHead title="Checkout" hidden />
      <Steps current="address" />
      <h1>Where shall we send it?</h1>
      <Notice name={notice} />
      <div className="columns">
        <AddressFields values={values} problems={problems} countries={countries} />
        <aside className="panel" aria-label="Your cart">
          <LineList items={cart.items} currency={cart.currency_code} />
          <Totals amounts={cart} delivery={cart.shipping_methods.length > 0} />
        </aside>
      </div>
    </div>
  );
}

function valuesOf(cart: Cart): AddressForm {
  const known = { ...cart.shipping_address, email: cart.email };
  const values = Object.fromEntries(ADDRESS_FIELDS.map((field) => [field, known[field] ?? ""])) as AddressForm;
  return { ...values, country_code: values.country_code || settings().shopCountry };
}
