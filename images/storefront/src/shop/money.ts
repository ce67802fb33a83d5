import { type Language, LOCALES } from "../language/language.ts";

const formats = new Map<string, Intl.NumberFormat>();

/** An amount in whole units of the currency (Medusa v2 stores 24.9, not 2490), as a reader of the language writes it. */
export function formatMoney(amount: number, currency: string, language: Language): string {
  const key = `${language} ${currency.toUpperCase()}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALES[language], { style: "currency", currency: currency.toUpperCase() });
    formats.set(key, format);
  }
  return format.format(amount);
}
