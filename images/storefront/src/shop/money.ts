const formats = new Map<string, Intl.NumberFormat>();

/** An amount in whole units of the currency (Medusa v2 stores 24.9, not 2490), as a person writes it. */
export function formatMoney(amount: number, currency: string): string {
  const code = currency.toUpperCase();
  let format = formats.get(code);
  if (format === undefined) {
    format = new Intl.NumberFormat("en-IE", { style: "currency", currency: code });
    formats.set(code, format);
  }
  return format.format(amount);
}
