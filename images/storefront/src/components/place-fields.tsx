import { countryName } from "../language/language.ts";
import { say } from "../language/say.ts";
import type { PlaceField, Problems } from "../shop/address-form.ts";
import { useLanguage, useTexts } from "./frame.tsx";
import { TextField } from "./text-field.tsx";

type Prefix = "" | "billing_";

interface PlaceFieldsProps {
  readonly prefix: Prefix;
  readonly values: Readonly<Record<string, string>>;
  readonly problems: Problems<string>;
  readonly countries: readonly string[];
}

/** The fields of one place; those of the invoice's are not demanded by the browser, which cannot know whether they count. */
export function PlaceFields({ prefix, values, problems, countries }: PlaceFieldsProps) {
  const texts = useTexts();
  const isBilling = prefix !== "";
  const field = (name: PlaceField, label: string, token: string) => {
    const problem = problems[`${prefix}${name}`];
    return {
      name: `${prefix}${name}`,
      label: isBilling ? say(texts.billingField, { field: label }) : label,
      value: values[`${prefix}${name}`] ?? "",
      problem: problem === undefined ? undefined : texts[problem],
      autoComplete: isBilling ? `billing ${token}` : token,
    };
  };
  return (
    <>
      <div className="pair">
        <TextField {...field("first_name", texts.firstName, "given-name")} required={!isBilling} />
        <TextField {...field("last_name", texts.lastName, "family-name")} required={!isBilling} />
      </div>
      <TextField {...field("address_1", texts.street, "address-line1")} required={!isBilling} />
      <TextField {...field("address_2", texts.street2, "address-line2")} />
      <div className="pair pair-post">
        <TextField {...field("postal_code", texts.postalCode, "postal-code")} required={!isBilling} />
        <TextField {...field("city", texts.city, "address-level2")} required={!isBilling} />
      </div>
      <CountryField {...field("country_code", texts.country, "country")} countries={countries} />
    </>
  );
}

interface CountryFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly problem: string | undefined;
  readonly autoComplete: string;
  readonly countries: readonly string[];
}

function CountryField({ name, label, value, problem, autoComplete, countries }: CountryFieldProps) {
  const language = useLanguage();
  const named = countries.map((code) => ({ code, country: countryName(language, code) }));
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <select
        id={name}
        name={name}
        defaultValue={value}
        autoComplete={autoComplete}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${name}-problem`}
      >
        {named
          .toSorted((a, b) => a.country.localeCompare(b.country, language))
          .map(({ code, country }) => (
            <option key={code} value={code}>
              {country}
            </option>
          ))}
      </select>
      {problem === undefined ? null : (
        <p className="field-problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}
