import { ADDRESS_FIELDS, type AddressForm } from "./address-form.ts";

/** A rejected form on its way back to the visitor, as the text of a cookie. */
export function writeDraft(form: AddressForm): string {
  return Buffer.from(JSON.stringify(ADDRESS_FIELDS.map((field) => form[field].slice(0, 121)))).toString("base64url");
}

/** Undefined for anything this shop did not write. */
export function readDraft(value: string | undefined): AddressForm | undefined {
  if (value === undefined) return undefined;
  try {
    const values = JSON.parse(Buffer.from(value, "base64url").toString("utf8")) as unknown;
    if (!Array.isArray(values) || values.length !== ADDRESS_FIELDS.length) return undefined;
    return Object.fromEntries(ADDRESS_FIELDS.map((field, index) => [field, String(values[index])])) as AddressForm;
  } catch {
    // A cookie is the visitor's to change; without a draft the form is shown empty.
    return undefined;
  }
}
