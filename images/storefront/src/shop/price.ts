import type { CalculatedPrice, Product, Variant } from "../store/types.ts";

/** What a customer pays for one: with tax where the backend knows it. */
export function customerPrice(price: CalculatedPrice | null | undefined): number | undefined {
  return price?.calculated_amount_with_tax ?? price?.calculated_amount;
}

/**
 * The variants that have a price, in the shopkeeper's order, the cheaper first where none was given. The backend sorts
 * nothing: its rows come as the database happens to hold them.
 */
export function forSale({ variants }: Product): readonly Variant[] {
  const rank = ({ variant_rank }: Variant) => variant_rank ?? 0;
  const amount = ({ calculated_price }: Variant) => customerPrice(calculated_price) ?? 0;
  return (variants ?? [])
    .filter(({ calculated_price }) => calculated_price)
    .toSorted((a, b) => rank(a) - rank(b) || amount(a) - amount(b) || (a.id < b.id ? -1 : 1));
}

/** The lowest price among a product's variants, and whether there are dearer ones. */
export function lowestPrice(product: Product): { amount: number; currency: string; more: boolean } | undefined {
  const prices = (product.variants ?? []).flatMap(({ calculated_price }) => {
    const amount = customerPrice(calculated_price);
    return amount === undefined || !calculated_price ? [] : [{ amount, currency: calculated_price.currency_code }];
  });
  const lowest = prices.reduce<(typeof prices)[number] | undefined>(
    (best, price) => (best === undefined || price.amount < best.amount ? price : best),
    undefined,
  );
  return lowest && { ...lowest, more: prices.some(({ amount }) => amount > lowest.amount) };
}
