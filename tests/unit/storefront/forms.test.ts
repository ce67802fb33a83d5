import { expect, test } from "vitest";
import {
  addressesOf,
  checkAddress,
  formOf,
  readAddressForm,
} from "../../../images/storefront/src/shop/address-form.ts";
import { readCartCookie, writeCartCookie } from "../../../images/storefront/src/shop/cart-cookie.ts";
import { setCookie } from "../../../images/storefront/src/shop/cookies.ts";
import { readDraft, writeDraft } from "../../../images/storefront/src/shop/draft.ts";
import { readQuantity } from "../../../images/storefront/src/shop/quantity.ts";

const FORM = {
  email: "ana@example.com",
  first_name: "Ana",
  last_name: "Lima",
  address_1: "12 rue des Lilas",
  address_2: "",
  postal_code: "75011",
  city: "Paris",
  country_code: "fr",
  phone: "",
  billing: "",
  billing_first_name: "",
  billing_last_name: "",
  billing_address_1: "",
  billing_address_2: "",
  billing_postal_code: "",
  billing_city: "",
  billing_country_code: "",
};

test("a good address has no problem, and a second line is nobody's duty", () => {
  expect(checkAddress(FORM, ["fr", "de"])).toEqual({});
});

test("an empty form gives every problem at once, in the order of its fields", () => {
  const empty = readAddressForm(() => undefined);
  expect(Object.keys(checkAddress(empty, ["fr"]))).toEqual([
    "email",
    "first_name",
    "last_name",
    "address_1",
    "postal_code",
    "city",
    "country_code",
  ]);
});

test.each(["ana", "ana@nowhere", "a b@example.com", "@example.com", "ana@.com", "ana@example.", "ana@ex..com"])(
  "%s is no e-mail address",
  (email) => {
    expect(checkAddress({ ...FORM, email }, ["fr"])).toEqual({ email: "badEmail" });
  },
);

test("a country the shop does not send to and a line that is too long are refused", () => {
  expect(Object.keys(checkAddress({ ...FORM, country_code: "us", city: "x".repeat(121) }, ["fr"]))).toEqual([
    "city",
    "country_code",
  ]);
});

test("an invoice that goes elsewhere needs a whole address of its own; one that does not, none", () => {
  expect(Object.keys(checkAddress({ ...FORM, billing: "other" }, ["fr"]))).toEqual([
    "billing_first_name",
    "billing_last_name",
    "billing_address_1",
    "billing_postal_code",
    "billing_city",
    "billing_country_code",
  ]);
  expect(addressesOf(FORM).billing).toEqual(addressesOf(FORM).shipping);
  const elsewhere = { ...FORM, billing: "other", billing_city: "Lyon", billing_country_code: "fr" };
  expect(addressesOf(elsewhere)).toMatchObject({ shipping: { city: "Paris" }, billing: { city: "Lyon" } });
});

test("what Medusa keeps fills the form again, the invoice's address where it is another", () => {
  const { shipping } = addressesOf(FORM);
  expect(formOf(FORM.email, shipping, shipping)).toEqual(FORM);
  expect(formOf(FORM.email, shipping, { ...shipping, city: "Lyon" })).toMatchObject({
    billing: "other",
    billing_city: "Lyon",
  });
  expect(formOf(null, null, null).city).toBe("");
});

test.each([
  ["", undefined],
  ["+33 (0)1 23-45.67", undefined],
  ["call me", "badPhone"],
  ["12", "badPhone"],
])("phone %j", (phone, problem) => {
  expect(checkAddress({ ...FORM, phone }, ["fr"])).toEqual(problem === undefined ? {} : { phone: problem });
});

test("what a visitor typed is trimmed and otherwise kept", () => {
  expect(readAddressForm((name) => `  ${FORM[name as keyof typeof FORM]} `)).toEqual(FORM);
});

test("a rejected form comes back from its cookie as it was typed", () => {
  const typed = { ...FORM, first_name: "Zoë <b>", last_name: '"; Path=/', address_1: "ул. Ленина 1 🌿" };
  const cookie = writeDraft(typed);
  expect(cookie).toMatch(/^[\w-]+$/);
  expect(readDraft(cookie)).toEqual(typed);
});

test.each([undefined, "", "x", "bnVsbA", Buffer.from('["a"]').toString("base64url")])(
  "a draft this shop did not write (%j) is no draft",
  (value) => {
    expect(readDraft(value)).toBeUndefined();
  },
);

test("the cart's cookie says which cart and how many things lie in it", () => {
  expect(readCartCookie(writeCartCookie({ id: "cart_01ABC", count: 12 }))).toEqual({ id: "cart_01ABC", count: 12 });
});

test.each([undefined, "", "cart_1", "cart_1.x", "../admin.1", "cart_1.1; x", `${"a".repeat(65)}.1`])(
  "a cart's cookie that this shop did not write (%j) is none",
  (value) => {
    expect(readCartCookie(value)).toBeUndefined();
  },
);

test("cookies are closed to scripts and to other sites, and go over TLS alone where the shop has it", () => {
  const cookie = { name: "greenleaf_cart", value: "cart_1.1", maxAge: 60 };
  expect(setCookie({ ...cookie, secure: true })).toBe(
    "greenleaf_cart=cart_1.1; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
  );
  expect(setCookie({ ...cookie, secure: false })).not.toContain("Secure");
});

test.each([
  ["1", 1, 1],
  ["50", 1, 50],
  ["0", 0, 0],
  ["0", 1, undefined],
  ["51", 1, undefined],
  ["-1", 0, undefined],
  ["1.5", 1, undefined],
  ["1e1", 1, undefined],
  ["", 0, undefined],
  [undefined, 0, undefined],
])("quantity %j, at least %i", (value, least, quantity) => {
  expect(readQuantity(value, least)).toBe(quantity);
});
