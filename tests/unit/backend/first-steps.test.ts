import { expect, test } from "vitest";
import { WORDS } from "../../../images/backend/src/admin/i18n/index.ts";
import { GUIDES } from "../../../images/backend/src/admin/routes/first-steps/guides.ts";
import { type Facts, type StepId, stepsOf } from "../../../images/backend/src/keeper/first-steps.ts";
import { markOf } from "../../../scripts/demo/mark.ts";

/** A shop as `up` leaves it: first run, demo, local mailbox. */
const NEW: Facts = {
  stores: [{ name: "GreenLeaf" }],
  locations: [{ address: { address_1: "GreenLeaf", city: null } }],
  categories: [{ handle: "easy-care", description: "They forgive.", parent_category: null }],
  options: [{ name: "Standard", prices: [{ amount: 5 }] }],
  regions: [{ countries: [{ iso_2: "fr" }, { iso_2: "de" }], payment_providers: [{ id: "pp_system_default" }] }],
  taxes: ["fr", "de"].map((country_code) => ({ country_code, tax_rates: [{ is_default: true, rate: 20 }] })),
  products: [{ metadata: markOf({ title: "Aloe" }) }, { metadata: null }],
  sendsMail: true,
};
const texts = (...handles: string[]) =>
  handles.map((handle) => ({ handle, description: "Ours.", parent_category: { handle: "pages" } }));
const ALL = texts("terms", "privacy", "returns", "imprint", "contact");

const left = (change: Partial<Facts> = {}): StepId[] =>
  stepsOf({ ...NEW, ...change }).flatMap(({ id, done }) => (done ? [] : [id]));

test("of a new shop everything is to do but what the first run knew", () => {
  expect(left()).toEqual(["name", "address", "texts", "shipping", "payment", "demo"]);
});

test.each<[StepId, Partial<Facts>]>([
  ["name", { stores: [{ name: "Canopy" }] }],
  ["address", { locations: [{ address: { address_1: "1 rue Verte", city: "Paris" } }] }],
  ["shipping", { options: [{ name: "Standard", prices: [{ amount: 6 }] }] }],
  ["shipping", { options: [...NEW.options, { name: "Express", prices: [{ amount: 5 }] }] }],
  ["payment", { regions: [{ countries: [], payment_providers: [{ id: "pp_stripe_stripe" }] }] }],
  ["demo", { products: [{ metadata: { light: "sun" } }] }],
])("%s is done once the keeper did it: %j", (step, change) => {
  expect(left(change)).toEqual(left().filter((id) => id !== step));
});

test("the texts are done with the last of them, and a transfer is with the imprint", () => {
  expect(left({ categories: ALL })).toEqual(["name", "address", "shipping", "demo"]);
  const steps = stepsOf({ ...NEW, categories: texts("imprint", "terms") });
  expect(steps.find(({ id }) => id === "texts")).toMatchObject({ missing: ["privacy", "returns", "contact"] });
  const [, ...others] = ALL;
  const elsewhere = { handle: "terms", description: "Ours.", parent_category: null };
  const empty = { handle: "terms", description: " ", parent_category: { handle: "pages" } };
  for (const odd of [elsewhere, empty]) expect(left({ categories: [...others, odd] })).toContain("texts");
});

test("a country without a rate, and a shop that writes to nobody, are told", () => {
  const [france] = NEW.taxes;
  const germany = { country_code: "de", tax_rates: [{ is_default: true, rate: null }] };
  const steps = stepsOf({ ...NEW, taxes: [france ?? germany, germany], sendsMail: false });
  expect(steps.filter(({ done }) => !done)).toContainEqual({ id: "taxes", done: false, missing: ["de"] });
  expect(left({ sendsMail: false })).toContain("mail");
});

const three = { title: expect.any(String), text: expect.any(String), link: expect.any(String) };
const wordsOfEach = Object.fromEntries(stepsOf(NEW).map(({ id }) => [id, three]));

test("the admin's page has words in both languages and a link for each step", () => {
  for (const { firstSteps } of Object.values(WORDS)) expect(firstSteps).toMatchObject(wordsOfEach);
  expect(Object.keys(GUIDES)).toEqual(stepsOf(NEW).map(({ id }) => id));
  for (const { to } of Object.values(GUIDES)) expect(to).toMatch(/^\/[a-z/-]+$/);
});
