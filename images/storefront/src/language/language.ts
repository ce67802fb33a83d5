export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language of addresses that name none. */
export const DEFAULT_LANGUAGE: Language = "en";

/** What Intl is asked for: prices and dates as the readers of the language write them. */
export const LOCALES: Readonly<Record<Language, string>> = { en: "en-IE", fr: "fr-FR" };

export function languageOf(name: string | undefined): Language {
  return LANGUAGES.find((language) => language === name) ?? DEFAULT_LANGUAGE;
}

/** A path of this shop as it is written in a language: `/cart` is `/fr/cart` in French. */
export function localPath(language: Language, path: string): string {
  if (language === DEFAULT_LANGUAGE || !path.startsWith("/")) return path;
  return `/${language}${path.replace(/^\/(?=$|[?#])/, "")}`;
}

/** The language a browser asks for first among ours (RFC 9110, Accept-Language). */
export function preferredLanguage(header: string | undefined): Language {
  const wishes = (header ?? "")
    .slice(0, 500)
    .split(",")
    .map((wish) => {
      const [tag = "", ...parameters] = wish.trim().toLowerCase().split(";");
      const weight = parameters.map((each) => /^\s*q=([\d.]+)\s*$/.exec(each)?.[1]).find((each) => each !== undefined);
      return { tag: tag.trim().split("-")[0], weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  for (const { tag } of wishes) {
    const found = LANGUAGES.find((language) => language === tag);
    if (found !== undefined) return found;
  }
  return DEFAULT_LANGUAGE;
}

export function countryName(language: Language, code: string): string {
  try {
    return new Intl.DisplayNames([LOCALES[language]], { type: "region" }).of(code.toUpperCase()) ?? code.toUpperCase();
  } catch {
    // Not shaped like a country's code: shown as it is.
    return code;
  }
}

export function formatDate(language: Language, date: string): string {
  const day = new Date(date);
  if (Number.isNaN(day.getTime())) return "";
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: "long", timeZone: "UTC" }).format(day);
}
