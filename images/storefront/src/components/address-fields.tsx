import { type AddressForm, type AddressProblems, ELSEWHERE } from "../shop/address-form.ts";
import { useTexts } from "./frame.tsx";
import { PlaceFields } from "./place-fields.tsx";
import { ProblemList } from "./problem-list.tsx";
import { ShopForm } from "./shop-link.tsx";
import { TextField } from "./text-field.tsx";

interface AddressFieldsProps {
  readonly values: AddressForm;
  readonly problems: AddressProblems;
  readonly countries: readonly string[];
}

/** The address form; works the same sent by hand, by a password manager or without JavaScript. */
export function AddressFields({ values, problems, countries }: AddressFieldsProps) {
  const texts = useTexts();
  const problemOf = (name: "email" | "phone") => {
    const problem = problems[name];
    return problem === undefined ? undefined : texts[problem];
  };
  const place = { values, problems, countries };
  return (
    <ShopForm className="form" action="/api/checkout/address">
      <ProblemList problems={problems} />
      <TextField
        name="email"
        value={values.email}
        problem={problemOf("email")}
        label={texts.email}
        type="email"
        autoComplete="email"
        required
      />
      <PlaceFields prefix="" {...place} />
      <TextField
        name="phone"
        value={values.phone}
        problem={problemOf("phone")}
        label={texts.phone}
        type="tel"
        autoComplete="tel"
      />
      <div className="billing">
        <label className="check">
          <input type="checkbox" name="billing" value={ELSEWHERE} defaultChecked={values.billing === ELSEWHERE} />
          <span>{texts.billElsewhere}</span>
        </label>
        {values.billing === ELSEWHERE ? (
          <fieldset className="billing-fields form" id="billing">
            <legend>{texts.billing}</legend>
            <PlaceFields prefix="billing_" {...place} />
          </fieldset>
        ) : null}
      </div>
      <button className="button button-wide" type="submit">
        {texts.toDelivery}
      </button>
    </ShopForm>
  );
}
