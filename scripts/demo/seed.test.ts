import { afterEach, beforeEach, expect, test } from "vitest";
import { EXIT } from "../../node-agent/src/base/errors.ts";
import { FakeShop } from "../../tests/support/fake-shop.ts";
import { PLANTS } from "./catalogue.ts";
import { originOf, pictureOf } from "./mark.ts";
import { seedShop } from "./seed.ts";

let shop: FakeShop;
let time = 0;
const clock = {
  now: () => time,
  date: () => new Date(0),
  sleep: async (ms: number) => void (time += ms),
  alarm: () => () => undefined,
};

beforeEach(async () => {
  time = 0;
  shop = new FakeShop();
  await shop.start();
});
afterEach(() => shop.stop());

async function seed(password = "right"): Promise<string[]> {
  shop.calls.length = 0;
  const said: string[] = [];
  await seedShop({ baseUrl: shop.url, email: "a@b.c", password, log: (text) => said.push(text), clock });
  return said;
}

test("empty shelves are filled: every plant published, priced, with its own uploaded picture", async () => {
  await seed();
  expect(shop.products.map(({ handle }) => handle)).toEqual(PLANTS.map(({ handle }) => handle));
  expect(shop.inclusive).toBe(true);
  for (const [index, product] of shop.products.entries()) {
    expect(product).toMatchObject({
      status: "published",
      shipping_profile_id: "sp_1",
      sales_channels: [{ id: "sc_1" }],
      images: [{ url: product.thumbnail }],
    });
    expect(product.thumbnail).toContain(`/${product.handle}-`);
    expect(shop.files.has(new URL(product.thumbnail).pathname)).toBe(true);
    const variants = product["variants"] as { prices: unknown; manage_inventory: boolean }[];
    expect(variants.map(({ prices }) => prices)).toEqual(
      PLANTS[index]?.sizes.map(([, amount]) => [{ currency_code: "eur", amount }]),
    );
    expect(variants.every(({ manage_inventory }) => manage_inventory)).toBe(false);
  }
});

test("the plants stand in their categories and collections, with what the shop filters by and their French texts", async () => {
  await seed();
  expect(shop.products.find(({ handle }) => handle === "aloe")).toMatchObject({
    categories: [{ id: "pcat_easy-care" }, { id: "pcat_cacti-and-succulents" }],
    metadata: { light_need: "sun", water_need: "little", light_fr: "Plein soleil" },
  });
  expect(shop.products.find(({ handle }) => handle === "zz-plant")).toMatchObject({
    collection_id: "pcol_for-dark-corners",
  });
  for (const { handle, metadata, categories } of shop.products) {
    const texts = metadata as Record<string, string>;
    expect([handle, Object.keys(texts).filter((key) => key.endsWith("_fr")).length]).toEqual([handle, 6]);
    expect(categories).not.toEqual([]);
  }
});

test("each country gets its own rate of VAT, and one nobody named keeps what it had", async () => {
  await seed();
  expect(Object.fromEntries(shop.rates)).toEqual({ txr_be: 21, txr_de: 19, txr_fr: 20, txr_lu: 20 });
  expect(shop.deliveryTime).toContain("2 to 4 working days");
});

test("a seeding that broke off after the categories uses those, and makes no second ones", async () => {
  await seed();
  const before = shop.categories.length;
  shop.products.length = 0;
  await seed();
  expect([shop.categories.length, shop.products.length]).toEqual([before, PLANTS.length]);
});

test("seeding again is one sign-in and one list call", async () => {
  await seed();
  const before = structuredClone(shop.products);
  expect(await seed()).toEqual([`${PLANTS.length} plants are on the shelves`]);
  expect(shop.calls).toEqual(["POST /auth/user/emailpass", "GET /admin/products"]);
  expect(shop.products).toEqual(before);
});

test("pictures the store has lost are uploaded again under the same products, and only those", async () => {
  await seed();
  const before = structuredClone(shop.products);
  for (const index of [2, 5]) shop.files.delete(new URL(before[index]!.thumbnail).pathname);
  await seed();
  expect(shop.calls.filter((call) => call.startsWith("POST"))).toEqual([
    "POST /auth/user/emailpass",
    "POST /admin/uploads",
    "POST /admin/products/batch",
  ]);
  expect(shop.products.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  for (const [index, product] of shop.products.entries()) {
    expect(product.thumbnail === before[index]?.thumbnail).toBe(index !== 2 && index !== 5);
    expect(shop.files.has(new URL(product.thumbnail).pathname)).toBe(true);
    expect(product.images).toEqual([{ url: product.thumbnail }]);
  }
});

test("a plant that was removed comes back; the shopkeeper's choices on the others and on prices stay", async () => {
  await seed();
  shop.products.splice(3, 1);
  shop.products[0]!["title"] = "Renamed";
  shop.inclusive = false;
  await seed();
  expect(shop.products).toHaveLength(PLANTS.length);
  expect(shop.products[0]?.["title"]).toBe("Renamed");
  expect(shop.inclusive).toBe(false);
});

test("what the demo makes carries its mark, and a plant its picture's address", async () => {
  await seed();
  for (const made of [...shop.products, ...shop.categories, ...shop.collections]) {
    expect([made.handle, originOf(made)]).toEqual([made.handle, "demo"]);
    expect(originOf({ ...made, title: "Mine", name: "Mine" })).toBe("changed");
  }
  for (const { metadata, thumbnail } of shop.products) expect(pictureOf(metadata)).toBe(thumbnail);
  shop.files.clear();
  await seed();
  for (const { metadata, thumbnail } of shop.products) expect(pictureOf(metadata)).toBe(thumbnail);
});

test("a backend that is still starting is waited for", async () => {
  shop.troubles = [502, 503, 502];
  await seed();
  expect(shop.products).toHaveLength(PLANTS.length);
  expect(time).toBe(3000);
});

test("a backend that never starts ends the wait after a minute, with its last answer", async () => {
  shop.troubles = Array.from({ length: 200 }, () => 502);
  await expect(seed()).rejects.toMatchObject({ exitCode: EXIT.temporary, why: expect.stringContaining("HTTP 502") });
});

test("a wrong password is said at once and never repeated", async () => {
  const error = await seed("wrong-password-value").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ exitCode: EXIT.denied });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("wrong-password-value");
  expect(shop.calls).toEqual(["POST /auth/user/emailpass"]);
});
