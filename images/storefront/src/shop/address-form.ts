export const ADDRESS_FIELDS = [
  "email",
  "first_name",
  "last_name",
  "address_1",
  "address_2",
  "postal_code",
  "city",
  "country_code",
] as const;

export type AddressField = (typeof ADDRESS_FIELDS)[number];
export type AddressForm = Readonly<Record<AddressField, string>>;
export type AddressProblems = Readonly<Partial<Record<AddressField, string>>>;

const MAX_LENGTH = 120;
const MISSING: Readonly<Partial<Record<AddressField, string>>> = {
  email: "Enter your e-mail address",
  first_name: "Enter your first name",
  last_name: "Enter your last name",
  address_1: "Enter your street and house number",
  postal_code: "Enter your postal code",
  city: "Enter your town or city",
};

/** The fields as the visitor typed them, trimmed. */
export function readAddressForm(field: (name: string) => string | undefined): AddressForm {
  const values = ADDRESS_FIELDS.map((name) => [name, (field(name) ?? "").trim()]);
  return Object.fromEntries(values) as AddressForm;
}

/** Every problem of a form at once, in the order of its fields, in words for the visitor. */
export function checkAddress(form: AddressForm, countries: readonly string[]): AddressProblems {
  const problems: Partial<Record<AddressField, string>> = {};
  for (const field of ADDRESS_FIELDS) {
    const problem = checkField(field, form[field], countries);
    if (problem !== undefined) problems[field] = problem;
  }
  return problems;
}

function checkField(field: AddressField, value: string, countries: readonly string[]): string | undefined {
  if (value === "" && MISSING[field] !== undefined) return MISSING[field];
  if (value.length > MAX_LENGTH) return `Use at most ${MAX_LENGTH} characters`;
  if (field === "email" && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value)) {
    return "Enter an e-mail address like name@example.com";
  }
  if (field === "country_code" && !countries.includes(value)) return "Choose a country we send to";
  return undefined;
}
