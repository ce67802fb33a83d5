import { type Context, createContext, useContext } from "react";
import { formatDate, type Language, localPath } from "../language/language.ts";
import { formatMoney } from "../shop/money.ts";
import type { Frame } from "../shop/shop-page.ts";
import { TEXTS, type Texts } from "../texts/texts.ts";

// Next loads this module once per route; the frame set around a page has to be the one the page reads.
const KEY = Symbol.for("greenleaf.frame");
const shared = globalThis as { [KEY]?: Context<Frame | undefined> };
shared[KEY] ??= createContext<Frame | undefined>(undefined);
const FrameContext = shared[KEY];

export const FrameProvider = FrameContext.Provider;

export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (frame === undefined) throw new Error("this part of a page stands outside its frame");
  return frame;
}

export const useLanguage = (): Language => useFrame().language;
export const useTexts = (): Texts => TEXTS[useLanguage()];

/** Writes amounts and dates as readers of the page do. */
export function useWriting() {
  const language = useLanguage();
  return {
    money: (amount: number, currency: string) => formatMoney(amount, currency, language),
    date: (date: string) => formatDate(language, date),
  };
}

/** A path of this shop in the page's language. */
export function useLocalPath(): (path: string) => string {
  const language = useLanguage();
  return (path) => localPath(language, path);
}
