import MiniSearch, { type SearchResult } from "minisearch";
import type { Product } from "../store/types.ts";

/** Finds plants by what a person typed, slips included; the best first. */
export interface SearchIndex {
  find(query: string): readonly string[];
}

const MAX_QUERY = 100;
const MAX_WORDS = 8;
const ENOUGH = 5;

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly titles: string;
  readonly compact: string;
  readonly latin: string;
  readonly words: string;
}

/** Without case and accents: `Zoë` is found by `zoe`. */
const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text: string): string[] =>
  plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** Slips forgiven in a word: two letters changed places count as two. */
function slips(word: string): number | false {
  if (word.length <= 2 || /^\d+$/.test(word)) return false;
  if (word.length === 3) return 1;
  return word.length < 9 ? 2 : 3;
}

export function createSearchIndex(products: readonly Product[]): SearchIndex {
  const index = new MiniSearch<Entry>({
    fields: ["title", "titles", "compact", "latin", "words"],
    tokenize: (text, field) => (field === "compact" ? [wordsOf(text).join("")] : wordsOf(text)),
    processTerm: (term) => term,
  });
  index.addAll(products.map(entryOf));
  return {
    find(query) {
      const words = wordsOf(query.slice(0, MAX_QUERY)).slice(0, MAX_WORDS);
      if (words.length === 0) return [];
      const text = words.join(" ");
      const strict = idsOf(index.search({ ...BY_WORDS, queries: [text], combineWith: "AND" }));
      if (strict.length >= ENOUGH) return strict;
      const loose = index.search({
        combineWith: "OR",
        queries: [{ ...BY_WORDS, queries: [text] }, joined(words)],
      });
      return [...new Set([...strict, ...idsOf(loose)])];
    },
  };
}

const BY_WORDS = {
  fields: ["title", "titles", "latin", "words"],
  boost: { title: 6, titles: 4, latin: 3 },
  fuzzy: slips,
  prefix: (term: string) => term.length > 1,
  weights: { fuzzy: 0.6, prefix: 0.5 },
};

/** "snakeplant", and a blank in the wrong place. */
const joined = (words: readonly string[]) => ({
  queries: [words.join("")],
  fields: ["compact"],
  fuzzy: 2,
  prefix: true,
});

const idsOf = (results: readonly SearchResult[]): string[] => results.map(({ id }) => id as string);

function entryOf(product: Product): Entry {
  const { metadata } = product;
  const texts = Object.entries(metadata ?? {}).filter(([key]) => /^title_[a-z]{2}$/.test(key));
  const titles = texts.map(([, text]) => (typeof text === "string" ? text : "")).join(" ");
  const tags = (product.tags ?? []).map(({ value }) => value).join(" ");
  return {
    id: product.id,
    title: product.title,
    titles,
    compact: product.title,
    latin: product.subtitle ?? "",
    words: `${tags} ${product.description ?? ""}`,
  };
}
