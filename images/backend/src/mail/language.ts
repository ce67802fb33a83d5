export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What Intl is asked for, as the storefront asks it. */
export const LOCALES: Readonly<Record<Language, string>> = { en: "en-IE", fr: "fr-FR" };

/** The first of what was said that is a language of ours. */
export function languageOf(said: unknown, otherwise: Language): Language {
  return LANGUAGES.find((language) => language === said) ?? otherwise;
}

/** A page of the shop in a language: English has no prefix. */
export const shopLink = (shopUrl: string, language: Language, path: string): string =>
  `${shopUrl}${language === "en" ? "" : `/${language}`}${path}`;
