import { expect, test } from "vitest";
import { formatMoney } from "../../../images/storefront/src/shop/money.ts";
import { customerPrice, forSale, lowestPrice } from "../../../images/storefront/src/shop/price.ts";
import { cheapestOption } from "../../../images/storefront/src/shop/shipping.ts";
import type { Product, ShippingOption } from "../../../images/storefront/src/store/types.ts";

const PRODUCT: Product = {
  id: "prod_1",
  title: "Aloe Vera",
  subtitle: null,
  description: null,
  handle: "aloe",
  thumbnail: null,
  images: null,
  variants: null,
};

const variant = (id: string, amount: number) => ({
  id,
  title: id,
  calculated_price: { calculated_amount: amount, currency_code: "eur" },
});

test("money is written with its sign and two digits", () => {
  expect(formatMoney(1234.5, "eur", "en")).toBe("€1,234.50");
  expect(formatMoney(9.9, "usd", "en")).toBe("US$9.90");
  expect(formatMoney(1234.5, "eur", "fr").replace(/\s/g, " ")).toBe("1 234,50 €");
});

test("a customer is shown the price with tax, and the plain one only where the backend knows no tax", () => {
  const price = { calculated_amount: 10, currency_code: "eur" };
  expect(customerPrice({ ...price, calculated_amount_with_tax: 12 })).toBe(12);
  expect(customerPrice({ ...price, calculated_amount_with_tax: null })).toBe(10);
  expect(customerPrice(null)).toBeUndefined();
});

test("variants stand in the shopkeeper's order, the cheaper first where there is none, whatever the database says", () => {
  const shown = (...variants: Product["variants"] & object) => forSale({ ...PRODUCT, variants }).map(({ id }) => id);
  const ranked = (id: string, amount: number, rank: number) => ({ ...variant(id, amount), variant_rank: rank });
  expect(shown(variant("large", 30), variant("small", 10))).toEqual(["small", "large"]);
  expect(shown(ranked("second", 10, 1), ranked("first", 30, 0))).toEqual(["first", "second"]);
  expect(shown(variant("b", 10), variant("a", 10), { ...variant("unpriced", 1), calculated_price: null })).toEqual([
    "a",
    "b",
  ]);
});

test("a list shows the lowest price, and says `from` only when another variant costs more", () => {
  const of = (...amounts: number[]) =>
    lowestPrice({ ...PRODUCT, variants: amounts.map((amount) => variant(`v${amount}`, amount)) });
  expect(of(30, 10, 20)).toEqual({ amount: 10, currency: "eur", more: true });
  expect(of(10)).toEqual({ amount: 10, currency: "eur", more: false });
  expect(of(10, 10)).toEqual({ amount: 10, currency: "eur", more: false });
  expect(of()).toBeUndefined();
  expect(lowestPrice({ ...PRODUCT, variants: [{ id: "v", title: "v", calculated_price: null }] })).toBeUndefined();
});

test("the cheapest delivery is chosen first; one without a price comes last", () => {
  const option = (id: string, amount: number | null): ShippingOption => ({ id, name: id, amount });
  expect(cheapestOption([option("none", null), option("express", 9.9), option("standard", 4.9)])?.id).toBe("standard");
  expect(cheapestOption([option("none", null)])?.id).toBe("none");
  expect(cheapestOption([])).toBeUndefined();
});
