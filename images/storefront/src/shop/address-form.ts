import type { Address } from "../store/types.ts";
import type { Texts } from "../texts/texts.ts";

/** The parts of a place, in the order of the form. */
export const PLACE_FIELDS = [
  "first_name",
  "last_name",
  "address_1",
  "address_2",
  "postal_code",
  "city",
  "country_code",
] as const;
export type PlaceField = (typeof PLACE_FIELDS)[number];

export const ADDRESS_FIELDS = [
  "email",
  ...PLACE_FIELDS,
  "phone",
  "billing",
  "billing_first_name",
  "billing_last_name",
  "billing_address_1",
  "billing_address_2",
  "billing_postal_code",
  "billing_city",
  "billing_country_code",
] as const;

export type AddressField = (typeof ADDRESS_FIELDS)[number];
export type AddressForm = Readonly<Record<AddressField, string>>;
export type Problems<Field extends string> = Readonly<Partial<Record<Field, keyof Texts>>>;
export type AddressProblems = Problems<AddressField>;

/** What the box in the form sends when the invoice goes elsewhere. */
export const ELSEWHERE = "other";

const MAX_LENGTH = 120;
const MISSING: Readonly<Record<string, keyof Texts>> = {
  email: "missing_email",
  first_name: "missing_first_name",
  last_name: "missing_last_name",
  address_1: "missing_address_1",
  postal_code: "missing_postal_code",
  city: "missing_city",
};

export type ReadField = (name: string) => string | undefined;

/** The fields as the visitor typed them, trimmed. */
export function readFields<Field extends string>(names: readonly Field[], field: ReadField) {
  const values = names.map((name) => [name, (field(name) ?? "").trim()]);
  return Object.fromEntries(values) as Readonly<Record<Field, string>>;
}

export const readAddressForm = (field: ReadField): AddressForm => readFields(ADDRESS_FIELDS, field);

/** Every problem of a form at once, in the order of its fields. */
export function checkAddress(form: AddressForm, countries: readonly string[]): AddressProblems {
  const isElsewhere = form.billing === ELSEWHERE;
  const asked = ADDRESS_FIELDS.filter((name) => isElsewhere || !name.startsWith("billing"));
  return checkFields(asked, form, countries);
}

export function checkFields<Field extends string>(
  names: readonly Field[],
  form: Readonly<Record<Field, string>>,
  countries: readonly string[],
): Problems<Field> {
  const problems: Partial<Record<Field, keyof Texts>> = {};
  for (const name of names) {
    const problem = checkField(name.replace(/^billing_/, ""), form[name], countries);
    if (problem !== undefined) problems[name] = problem;
  }
  return problems;
}

function checkField(field: string, value: string, countries: readonly string[]): keyof Texts | undefined {
  if (value === "" && MISSING[field] !== undefined) return MISSING[field];
  if (value.length > MAX_LENGTH) return "tooLong";
  if (field === "email" && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value)) return "badEmail";
  if (field === "phone" && value !== "" && !/^\+?[\d\s()./-]{5,30}$/.test(value)) return "badPhone";
  if (field === "country_code" && !countries.includes(value)) return "badCountry";
  return undefined;
}

/** The places of a good form, as Medusa keeps them. */
export function addressesOf(form: AddressForm): { shipping: Address; billing: Address } {
  const place = (prefix: "" | "billing_"): Address => ({
    first_name: form[`${prefix}first_name`],
    last_name: form[`${prefix}last_name`],
    address_1: form[`${prefix}address_1`],
    address_2: form[`${prefix}address_2`] || null,
    postal_code: form[`${prefix}postal_code`],
    city: form[`${prefix}city`],
    country_code: form[`${prefix}country_code`],
    phone: form.phone || null,
  });
  const shipping = place("");
  return { shipping, billing: form.billing === ELSEWHERE ? place("billing_") : shipping };
}

/** A form filled with what is known of the visitor. */
export function formOf(email: string | null, shipping: Address | null, billing: Address | null): AddressForm {
  const isElsewhere = Boolean(billing?.address_1) && PLACE_FIELDS.some((name) => billing?.[name] !== shipping?.[name]);
  const known: Readonly<Record<string, string | null | undefined>> = {
    email,
    ...shipping,
    billing: isElsewhere ? ELSEWHERE : "",
    ...Object.fromEntries(PLACE_FIELDS.map((name) => [`billing_${name}`, isElsewhere ? billing?.[name] : ""])),
  };
  return readFields(ADDRESS_FIELDS, (name) => known[name] ?? "");
}
