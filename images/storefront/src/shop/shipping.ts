import type { ShippingOption } from "../store/types.ts";

/** What an option costs before tax, in whole units of the currency; undefined where the backend gives no price. */
export function optionAmount(option: ShippingOption): number | undefined {
  return option.calculated_price?.calculated_amount ?? option.amount ?? undefined;
}

export function cheapestOption(options: readonly ShippingOption[]): ShippingOption | undefined {
  const price = (option: ShippingOption) => optionAmount(option) ?? Number.POSITIVE_INFINITY;
  return [...options].sort((a, b) => price(a) - price(b))[0];
}
