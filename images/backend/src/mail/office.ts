import type { Mail } from "../mail-environment.ts";
import { type Language, languageOf } from "./language.ts";
import type { Sheet } from "./letters/wording.ts";

export type Asked = { fields: readonly string[]; filters: object };

/** Looks things up for letters; `find` gives the first row, undefined where there is none (any more). */
export type Office = {
  mail: Pick<Mail, "language" | "shopUrl">;
  sheet: (language: Language) => Promise<Sheet>;
  find: <Row>(entity: string, asked: Asked) => Promise<Row | undefined>;
};

/** The language a visitor had chosen when the order or the account was made. */
export function toldLanguage(metadata: unknown, { mail }: Pick<Office, "mail">): Language {
  const { language } = (typeof metadata === "object" && metadata !== null ? metadata : {}) as { language?: unknown };
  return languageOf(language, mail.language);
}
