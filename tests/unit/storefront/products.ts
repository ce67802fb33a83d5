import type { Product, Variant } from "../../../images/storefront/src/store/types.ts";

/** A product as the store's API gives it. */
export function productOf(id: string, change: Partial<Product> = {}): Product {
  return {
    id,
    title: id,
    subtitle: null,
    description: null,
    handle: id,
    thumbnail: null,
    variants: [variantOf(`${id}-v`, 10)],
    ...change,
  };
}

export function variantOf(id: string, amount: number, change: Partial<Variant> = {}): Variant {
  return { id, title: id, calculated_price: { calculated_amount: amount, currency_code: "eur" }, ...change };
}
