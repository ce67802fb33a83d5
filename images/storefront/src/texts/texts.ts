import type { Language } from "../language/language.ts";
import { en, type Texts } from "./en.ts";
import { fr } from "./fr.ts";

export const TEXTS: Readonly<Record<Language, Texts>> = { en, fr };
export type { Texts };
