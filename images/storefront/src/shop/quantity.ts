export const MAX_QUANTITY = 50;

/** A whole number from `least` to MAX_QUANTITY, or undefined. */
export function readQuantity(value: string | undefined, least: number): number | undefined {
  if (value === undefined || !/^\d{1,3}$/.test(value)) return undefined;
  const quantity = Number(value);
  return quantity >= least && quantity <= MAX_QUANTITY ? quantity : undefined;
}
