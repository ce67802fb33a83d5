import type { AddressField, AddressForm, AddressProblems } from "../shop/address-form.ts";
import type { Region } from "../store/types.ts";
import { TextField } from "./text-field.tsx";

interface AddressFieldsProps {
  readonly values: AddressForm;
  readonly problems: AddressProblems;
  readonly countries: Region["countries"];
}

/** The address form; works the same sent by hand, by a password manager or without JavaScript. */
export function AddressFields({ values, problems, countries }: AddressFieldsProps) {
  const field = (name: AddressField) => ({ name, value: values[name], problem: problems[name] });
  return (
    <form className="form" method="post" action="/api/checkout/address">
      <ProblemList problems={problems} />
      <TextField {...field("email")} label="E-mail address" type="email" autoComplete="email" required />
      <div className="pair">
        <TextField {...field("first_name")} label="First name" autoComplete="given-name" required />
        <TextField {...field("last_name")} label="Last name" autoComplete="family-name" required />
      </div>
      <TextField {...field("address_1")} label="Street and house number" autoComplete="address-line1" required />
      <TextField {...field("address_2")} label="Flat, floor, company (optional)" autoComplete="address-line2" />
      <div className="pair pair-post">
        <TextField {...field("postal_code")} label="Postal code" autoComplete="postal-code" required />
        <TextField {...field("city")} label="Town or city" autoComplete="address-level2" required />
      </div>
      <CountryField value={values.country_code} problem={problems.country_code} countries={countries} />
      <button className="button button-wide" type="submit">
        Continue to delivery
      </button>
    </form>
  );
}

interface CountryFieldProps {
  readonly value: string;
  readonly problem: string | undefined;
  readonly countries: Region["countries"];
}

function CountryField({ value, problem, countries }: CountryFieldProps) {
  return (
    <div className="field">
      <label htmlFor="country_code">Country</label>
      <select
        id="country_code"
        name="country_code"
        defaultValue={value}
        autoComplete="country"
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : "country_code-problem"}
      >
        {countries
          .toSorted((a, b) => a.display_name.localeCompare(b.display_name))
          .map(({ iso_2, display_name }) => (
            <option key={iso_2} value={iso_2}>
              {display_name}
            </option>
          ))}
      </select>
      {problem === undefined ? null : (
        <p className="field-problem" id="country_code-problem">
          {problem}
        </p>
      )}
    </div>
  );
}

function ProblemList({ problems }: { problems: AddressProblems }) {
  const listed = Object.entries(problems);
  if (listed.length === 0) return null;
  return (
    <div className="notice notice-bad" role="alert">
      <p>Please check {listed.length === 1 ? "one field" : `${listed.length} fields`}:</p>
      <ul>
        {listed.map(([name, problem]) => (
          <li key={name}>
            <a href={`#${name}`}>{problem}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}
