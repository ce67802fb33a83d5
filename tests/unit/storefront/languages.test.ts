import { expect, test } from "vitest";
import { localized } from "../../../images/storefront/src/catalogue/localized.ts";
import { writeSitemap } from "../../../images/storefront/src/catalogue/sitemap.ts";
import {
  countryName,
  formatDate,
  localPath,
  preferredLanguage,
} from "../../../images/storefront/src/language/language.ts";
import { say, sayCount } from "../../../images/storefront/src/language/say.ts";
import { DEFAULT_PAGES, TEXT_PAGES } from "../../../images/storefront/src/text-pages/default-pages.ts";
import { findTextPage, isTextPage } from "../../../images/storefront/src/text-pages/from-categories.ts";
import { MAIL_TEXTS, TEXTS } from "../../../images/storefront/src/texts/texts.ts";

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();

test("every text is there in both languages, with the same things to fill in", () => {
  expect(Object.keys(TEXTS.fr)).toEqual(Object.keys(TEXTS.en));
  for (const [key, text] of Object.entries(TEXTS.en)) {
    const french = TEXTS.fr[key as keyof typeof TEXTS.en];
    expect([key, french.trim() !== "", placeholders(french)]).toEqual([key, true, placeholders(text)]);
  }
});

test("no text promises a mail but those that are shown only where one is sent", () => {
  const promises =
    /we (write|mail|send you)|by e-mail|(mail|confirmation) .*on its way|nous vous (écri|envoy)|par e-mail|en route/i;
  for (const texts of Object.values(TEXTS)) {
    const promising = Object.entries(texts).flatMap(([key, text]) => (promises.test(text) ? [key] : []));
    expect(promising.toSorted((a, b) => a.localeCompare(b))).toEqual([...MAIL_TEXTS]);
  }
});

test("every page of texts is there in both languages", () => {
  for (const name of TEXT_PAGES) {
    for (const { title, text } of [DEFAULT_PAGES.en[name], DEFAULT_PAGES.fr[name]]) {
      expect([name, title.length > 3, text.length > 100]).toEqual([name, true, true]);
    }
  }
});

test.each([
  [undefined, "en"],
  ["", "en"],
  ["fr", "fr"],
  ["fr-CA,en;q=0.8", "fr"],
  ["de-DE,fr;q=0.7,en;q=0.3", "fr"],
  ["en;q=0.2, fr;q=0.9", "fr"],
  ["fr;q=0, en", "en"],
  ["de, ja", "en"],
  ["*", "en"],
  [";;;,=,fr;q=x", "fr"],
  ["a".repeat(100_000), "en"],
])("a browser that asks for %j is shown %s", (header, language) => {
  expect(preferredLanguage(header)).toBe(language);
});

test("a path is written in each language, and what is no path of the shop stays as it is", () => {
  expect(["/", "/cart", "/?page=2", "/plants?sort=new"].map((path) => localPath("fr", path))).toEqual([
    "/fr",
    "/fr/cart",
    "/fr?page=2",
    "/fr/plants?sort=new",
  ]);
  expect(localPath("en", "/cart")).toBe("/cart");
  expect(localPath("fr", "")).toBe("");
});

test("countries and dates are named in the language", () => {
  expect([countryName("fr", "de"), countryName("en", "de"), countryName("en", "??")]).toEqual([
    "Allemagne",
    "Germany",
    "??",
  ]);
  expect([formatDate("en", "2026-11-27T12:00:00Z"), formatDate("fr", "2026-11-27T12:00:00Z")]).toEqual([
    "27 November 2026",
    "27 novembre 2026",
  ]);
  expect(formatDate("fr", "nonsense")).toBe("");
});

test("a text is filled in; what is missing stays visible", () => {
  expect(say("{a} of {b}", { a: 1 })).toBe("1 of {b}");
  expect(sayCount("{count} plant", "{count} plants", 1)).toBe("1 plant");
  expect(sayCount("{count} plant", "{count} plants", 0)).toBe("0 plants");
});

test("a keeper's text is shown in the page's language where it is there", () => {
  const plant = { metadata: { title_fr: "Sansevière", description_fr: " ", light_fr: 3 } };
  expect(localized("fr", plant, "title", "Snake Plant")).toBe("Sansevière");
  expect(localized("en", plant, "title", "Snake Plant")).toBe("Snake Plant");
  expect(localized("fr", plant, "description", "Plain")).toBe("Plain");
  expect(localized("fr", plant, "light", null)).toBe("");
});

test("the keeper's own terms stand in for the sample where they wrote some, and never among the plants", () => {
  const root = { id: "1", name: "Pages", handle: "pages" };
  const terms = { id: "2", name: "Our terms", handle: "terms", description: "Be kind.", parent_category_id: "1" };
  const impostor = { id: "3", name: "Terms", handle: "terms", description: "No.", parent_category_id: null };
  expect(findTextPage("terms", [impostor, root, terms], "en")).toEqual({ title: "Our terms", text: "Be kind." });
  expect(findTextPage("terms", [root, { ...terms, description: "" }], "en")).toBe(DEFAULT_PAGES.en.terms);
  expect([root, terms, impostor].map((each) => isTextPage(each, [root, terms, impostor]))).toEqual([true, true, false]);
});

test("the sitemap names every page in every language, whatever a name holds", () => {
  const map = writeSitemap("https://shop.example", ["/", "/plants/a&b'<"]);
  expect(map).toContain("<loc>https://shop.example/fr</loc>");
  expect(map).toContain("<loc>https://shop.example/plants/a&#38;b&#39;&#60;</loc>");
  expect(map.match(/<loc>/g)).toHaveLength(4);
});
