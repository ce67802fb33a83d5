import type { Language } from "../language/language.ts";
import { en, type Texts } from "./en.ts";
import { fr } from "./fr.ts";

export const TEXTS: Readonly<Record<Language, Texts>> = { en, fr };
/** Those that promise a mail: shown only where the shop sends any. */
export const MAIL_TEXTS = ["forgottenMailText", "orderMailed", "resetSent"] as const satisfies (keyof Texts)[];
export type { Texts };
