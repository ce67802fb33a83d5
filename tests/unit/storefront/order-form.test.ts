import { expect, test } from "vitest";
import { readSought } from "../../../images/storefront/src/shop/order-form.ts";

const sought = (number: string, email = "ana@example.com") =>
  readSought((name) => (name === "number" ? number : email));

test("an order's number is read with or without its sign, the address without blanks and case", () => {
  expect(sought(" #12 ", " Ana@Example.com ")).toEqual({ number: 12, email: "ana@example.com" });
  expect(sought("2147483647")).toEqual({ number: 2_147_483_647, email: "ana@example.com" });
});

test.each(["", "0", "-1", "1.5", "1e3", "2147483648", "12 or 13", "twelve"])("%j is no order's number", (number) => {
  expect(sought(number)).toBeUndefined();
});

test("without an address nothing is sought", () => {
  expect([sought("12", ""), sought("12", "ana"), sought("12", `${"a".repeat(60)}@${"b".repeat(80)}.com`)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
