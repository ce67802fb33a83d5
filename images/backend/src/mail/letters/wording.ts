import { type Language, LOCALES } from "../language.ts";
import { en, type LetterTexts } from "./en.ts";
import { fr } from "./fr.ts";

/** Whose letter it is: the shop's name, its address, and the language it is written in. */
export type Sheet = { shop: string; shopUrl: string; language: Language };

const TEXTS: Readonly<Record<Language, LetterTexts>> = { en, fr };

type Values = Readonly<Record<string, string | number>>;

/** A sentence with its `{names}` replaced; what is not given stays visible, so that a slip is seen. */
export function say(language: Language, name: keyof LetterTexts, values: Values = {}): string {
  return TEXTS[language][name].replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

export const greeting = (language: Language, name: string | undefined): string =>
  name === undefined ? say(language, "helloNobody") : say(language, "hello", { name });

export function money(language: Language, amount: number, currency: string): string {
  return new Intl.NumberFormat(LOCALES[language], { style: "currency", currency }).format(amount);
}

export function day(language: Language, date: string | Date): string {
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: "long", timeZone: "UTC" }).format(new Date(date));
}
