import type { Language } from "../language/language.ts";
import type { Metadata } from "../store/types.ts";

interface Kept {
  readonly metadata?: Metadata | null;
}

/**
 * A text of the keeper's in a language: `title_fr` of the metadata in French where it is there, the plain text else.
 * Medusa's admin edits both; nothing else of it knows languages.
 */
export function localized(language: Language, thing: Kept, field: string, plain: string | null | undefined): string {
  const own = thing.metadata?.[`${field}_${language}`];
  return typeof own === "string" && own.trim() !== "" ? own : (plain ?? "");
}

/** The same for what lies in the metadata itself. */
export function localizedFact(language: Language, thing: Kept, field: string): string {
  const plain = thing.metadata?.[field];
  return localized(language, thing, field, typeof plain === "string" ? plain : "");
}
