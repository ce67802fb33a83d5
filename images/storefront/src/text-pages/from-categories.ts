import { localized } from "../catalogue/localized.ts";
import type { Language } from "../language/language.ts";
import type { Category } from "../store/types.ts";
import { DEFAULT_PAGES, type TextPage, type TextPageName } from "./default-pages.ts";

/**
 * The keeper edits the texts where Medusa's admin has a form for a title and a long text: in categories below one with
 * the handle `pages`, whose own handles are `terms`, `privacy` and so on. What is not there yet says the default.
 */
const ROOT = "pages";

export const isPagesRoot = ({ handle }: Category): boolean => handle === ROOT;

export function isTextPage(category: Category, all: readonly Category[]): boolean {
  return isPagesRoot(category) || all.some((each) => isPagesRoot(each) && each.id === category.parent_category_id);
}

export function findTextPage(name: TextPageName, all: readonly Category[], language: Language): TextPage {
  const own = all.find((category) => category.handle === name && isTextPage(category, all));
  const standard = DEFAULT_PAGES[language][name];
  const text = own && localized(language, own, "description", own.description);
  return own && text ? { title: localized(language, own, "name", own.name), text } : standard;
}
