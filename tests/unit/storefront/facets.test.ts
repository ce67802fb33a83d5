import { expect, test } from "vitest";
import { choose, facetOf, facetValues, readChoice } from "../../../images/storefront/src/catalogue/facets.ts";
import { listingHref, makeListing } from "../../../images/storefront/src/catalogue/listing.ts";
import { inCategory, relatedTo } from "../../../images/storefront/src/catalogue/shelf.ts";
import { productOf, variantOf } from "./products.ts";

const PRODUCTS = [
  productOf("Fern", { metadata: { light_need: "shade", water: "Often, never dry" }, created_at: "2026-01-01" }),
  productOf("Aloe", {
    metadata: { light_need: "sun", water: "Rarely" },
    created_at: "2026-03-01",
    options: [{ title: "Size", values: [{ value: "12 cm" }, { value: "19 cm" }] }],
    variants: [variantOf("small", 5), variantOf("large", 30)],
  }),
  productOf("Cactus", { metadata: { light_need: "sun", water: { no: "text" } }, created_at: "2026-02-01" }),
  productOf("Moss", { variants: [] }),
];

const choice = (query: string, isSearch = false) => {
  const parameters = new URLSearchParams(query);
  return readChoice((name) => parameters.getAll(name), isSearch);
};
const ids = (query: string) => choose(PRODUCTS, choice(query)).map(({ id }) => id);

test("plants are filtered by every facet at once, and by any of the values chosen in one", () => {
  expect(ids("light=sun")).toEqual(["Aloe", "Cactus"]);
  expect(ids("light=sun&light=shade")).toEqual(["Aloe", "Cactus", "Fern"]);
  expect(ids("light=sun&size=19 cm")).toEqual(["Aloe"]);
  expect(ids("water=Often")).toEqual(["Fern"]);
  expect(ids("light=moon")).toEqual([]);
});

test("a price range fits a plant when one of its variants lies in it", () => {
  expect(ids("least=20")).toEqual(["Aloe"]);
  expect(ids("least=6&most=12")).toEqual(["Cactus", "Fern"]);
  expect(ids("most=5,50")).toEqual(["Aloe"]);
  expect(ids("least=<script>&most=1e9")).toEqual(["Aloe", "Cactus", "Fern", "Moss"]);
});

test("plants are sorted as asked, those without a price last at both ends", () => {
  expect(ids("")).toEqual(["Aloe", "Cactus", "Fern", "Moss"]);
  expect(ids("sort=cheap")).toEqual(["Aloe", "Cactus", "Fern", "Moss"]);
  expect(ids("sort=dear")).toEqual(["Cactus", "Fern", "Aloe", "Moss"]);
  expect(ids("sort=new")).toEqual(["Aloe", "Cactus", "Fern", "Moss"]);
  expect(ids("sort=drop table")).toEqual(ids(""));
});

test("a facet counts what each value would show beside the other facets, and a chosen value never vanishes", () => {
  expect(facetOf(PRODUCTS, "light", choice("light=sun"))).toEqual([
    { value: "shade", count: 1, isChosen: false },
    { value: "sun", count: 2, isChosen: true },
  ]);
  expect(facetOf(PRODUCTS, "light", choice("light=shade&size=19 cm"))).toEqual([
    { value: "shade", count: 0, isChosen: true },
    { value: "sun", count: 1, isChosen: false },
  ]);
  expect(facetValues(PRODUCTS[2] ?? productOf("x"), "water")).toEqual([]);
});

test("a list has pages, keeps its filters from page to page, and has no page beyond its last", () => {
  const many = Array.from({ length: 50 }, (_, index) => productOf(`P${index}`, { metadata: { light_need: "sun" } }));
  const parameters = new URLSearchParams("light=sun&sort=dear&page=3&q=a%26b");
  const visit = {
    asked: (name: string) => parameters.get(name) ?? undefined,
    askedAll: (name: string) => parameters.getAll(name),
    language: "en" as const,
  };
  const listing = makeListing({ ...visit, path: "/search", query: "a&b", products: many });
  expect([listing?.pages, listing?.products.length, listing?.count]).toEqual([3, 2, 50]);
  expect(listing && listingHref(listing, 2)).toBe("/search?q=a%26b&light=sun&sort=dear&page=2");
  parameters.set("page", "4");
  expect(makeListing({ ...visit, path: "/search", products: many })).toBeUndefined();
});

test("a category shows the plants of the categories below it, and a circle among them ends", () => {
  const all = [
    { id: "top", name: "", handle: "", parent_category_id: "low" },
    { id: "low", name: "", handle: "", parent_category_id: "top" },
    { id: "other", name: "", handle: "" },
  ];
  const products = ["top", "low", "other"].map((id) => productOf(id, { categories: [{ id }] }));
  const [top] = all;
  expect(top && inCategory(products, top, all).map(({ id }) => id)).toEqual(["top", "low"]);
});

test("related plants share something; the one with most in common comes first, the plant itself never", () => {
  const aloe = productOf("aloe", { categories: [{ id: "dry" }], tags: [{ value: "small" }] });
  const cactus = productOf("cactus", { categories: [{ id: "dry" }] });
  const agave = productOf("agave", { categories: [{ id: "dry" }], tags: [{ value: "small" }] });
  expect(relatedTo(aloe, [aloe, cactus, agave, productOf("fern")]).map(({ id }) => id)).toEqual(["agave", "cactus"]);
});
