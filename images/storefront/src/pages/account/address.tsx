import type { PageConfig } from "next";
import { useTexts } from "../../components/frame.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { PlaceFields } from "../../components/place-fields.tsx";
import { ProblemList } from "../../components/problem-list.tsx";
import { ShopForm } from "../../components/shop-link.tsx";
import { settings } from "../../settings.ts";
import { type AddressForm, checkFields, formOf, PLACE_FIELDS, type Problems } from "../../shop/address-form.ts";
import { shopPage } from "../../shop/shop-page.ts";
import { draft, sessionOf } from "../../shop/visitor.ts";
import { countryCodes, shopRegion } from "../../store/catalogue.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface AddressProps {
  readonly values: AddressForm;
  readonly problems: Problems<string>;
  readonly countries: readonly string[];
}

export const getServerSideProps = shopPage<AddressProps>(async ({ asked, cookies }) => {
  if (sessionOf(cookies) === undefined) return { goTo: "/account?notice=login-first" };
  const countries = countryCodes(await shopRegion());
  const rejected = asked("notice") === "check" ? draft(cookies) : undefined;
  const problems = rejected === undefined ? {} : checkFields(PLACE_FIELDS, rejected, countries);
  const values = rejected ?? { ...formOf(null, null, null), country_code: settings().shopCountry };
  return { props: { values, problems, countries } };
});

export default function AddressPage({ values, problems, countries }: AddressProps) {
  const texts = useTexts();
  return (
    <div className="wrap">
      <PageHead title={texts.addAddress} hidden />
      <div className="narrow">
        <h1>{texts.addAddress}</h1>
        <ShopForm className="form" action="/api/account/addresses">
          <ProblemList problems={problems} />
          <PlaceFields prefix="" values={values} problems={problems} countries={countries} />
          <button className="button" type="submit">
            {texts.saveAddress}
          </button>
        </ShopForm>
      </div>
    </div>
  );
}
