import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeShop } from "../tests/support/fake-shop.ts";
import { signIn } from "./demo/admin-client.ts";
import { PLANTS } from "./demo/catalogue.ts";
import { markOf } from "./demo/mark.ts";
import { seedShop } from "./demo/seed.ts";
import { CATEGORIES, COLLECTIONS } from "./demo/shelves.ts";
import { demo, removeDemo } from "./demo.ts";

let time = 0;
const clock = {
  now: () => time,
  date: () => new Date(0),
  sleep: async (ms: number) => void (time += ms),
  alarm: () => () => undefined,
};

let shop: FakeShop;
beforeEach(async () => {
  shop = new FakeShop();
  await shop.start();
});
afterEach(() => shop.stop());

const account = () => ({ baseUrl: shop.url, email: "a@b.c", password: "right" });
const up = () => seedShop({ ...account(), log: () => undefined, clock });

async function remove({ isAgreed = true } = {}): Promise<string> {
  const said: string[] = [];
  const admin = await signIn(clock, account());
  await removeDemo(admin, { isAgreed: () => isAgreed, clock, say: (text) => void said.push(text) });
  return said.join("");
}

const own = (handle: string, more: object = {}) => {
  const made = {
    id: `prod_${handle}`,
    handle,
    title: handle,
    description: "",
    thumbnail: "",
    images: [],
    metadata: {},
  };
  return Object.assign(made, more);
};

test("all that the demo made goes, named before; another time there is nothing", async () => {
  await up();
  const said = await remove();
  expect([shop.products, shop.categories, shop.collections, [...shop.files]]).toEqual([[], [], [], []]);
  expect(said).toContain(`plants (${PLANTS.length}): Swiss Cheese Plant, `);
  expect(said).toContain(`categories (${CATEGORIES.length}): Easy care, `);
  expect(said).toContain(`collections (${COLLECTIONS.length}): `);
  expect(said).toContain(`uploaded pictures: ${PLANTS.length}`);
  expect(await remove()).toBe("there is nothing of the demo to remove\n");
});

test("it stays away until somebody empties the note on the store: the next up puts nothing back", async () => {
  await up();
  await remove();
  expect([await up(), shop.products, shop.categories]).toEqual([false, [], []]);
  for (const key of Object.keys(shop.store.metadata)) shop.store.metadata[key] = "";
  expect([await up(), shop.products.length]).toEqual([true, PLANTS.length]);
});

test("who says no keeps everything", async () => {
  await up();
  const before = structuredClone(shop.products);
  const said = await remove({ isAgreed: false });
  expect([shop.products, shop.files.size, said.includes("is removed")]).toEqual([before, PLANTS.length, false]);
  expect(await up()).toBe(true);
});

test("a product of a demo plant's very name and words is the keeper's, for it has no mark", async () => {
  const [plant] = PLANTS;
  shop.files.set("/media/mine.webp", "a picture");
  shop.products.push(own(plant?.handle ?? "", { ...plant, thumbnail: `${shop.url}/media/mine.webp` }));
  await up();
  await remove();
  expect(shop.products.map(({ id }) => id)).toEqual([`prod_${plant?.handle}`]);
});

test("what somebody rewrote is theirs now, and is told with what holds it", async () => {
  await up();
  const aloe = shop.products.find(({ handle }) => handle === "aloe");
  Object.assign(aloe ?? {}, { description: "Grown by ourselves." });
  const said = await remove();
  expect(shop.products).toEqual([aloe]);
  expect(said).toContain('plant "Aloe Vera": somebody has rewritten it');
  expect(shop.categories.map(({ handle }) => handle)).toEqual(["easy-care", "cacti-and-succulents"]);
  expect(said).toContain('category "Easy care": it holds what stays');
  expect([...shop.files.keys()]).toEqual([new URL(aloe?.thumbnail ?? "").pathname]);
});

test("a picture that an order or a product of the keeper's shows stays", async () => {
  await up();
  const [first, second] = shop.products.map(({ thumbnail }) => thumbnail);
  shop.orders.push({ items: [{ thumbnail: first ?? "" }] });
  shop.products.push(own("mine", { images: [{ url: second }] }));
  await remove();
  const paths = [first, second].map((url) => new URL(url ?? "").pathname);
  expect([...shop.files.keys()].toSorted()).toEqual(paths.toSorted());
  expect(shop.products.map(({ handle }) => handle)).toEqual(["mine"]);
});

test("a plant of which an open order holds some stays, as Medusa would refuse, and is told", async () => {
  await up();
  Object.assign(shop.products[0] ?? {}, { variants: [{ inventory_items: [{ inventory_item_id: "iitem_1" }] }] });
  shop.reservations.push({ inventory_item_id: "iitem_1" });
  const said = await remove();
  expect(shop.products.map(({ handle }) => handle)).toEqual(["monstera"]);
  expect(said).toContain('plant "Swiss Cheese Plant": an open order reserves it');
});

test("a category under one of the demo's, and a collection with a product of the keeper's, are left whole", async () => {
  await up();
  const category = shop.categories[0];
  shop.categories.push({ id: "pcat_mine", handle: "mine", metadata: {}, parent_category_id: category?.id });
  shop.products.push(own("mine", { collection_id: shop.collections[0]?.id }));
  await remove();
  expect(shop.categories.map(({ id }) => id)).toEqual([category?.id, "pcat_mine"]);
  expect(shop.collections).toHaveLength(1);
});

test("a shop of more products than one page of the list is read to its end", async () => {
  for (let count = 0; count < 450; count += 1) shop.products.push(own(`mine-${count}`));
  const words = { title: "Last", description: "" };
  shop.products.push(own("last", { ...words, metadata: markOf(words) }));
  await remove();
  expect(shop.products).toHaveLength(450);
});

test.each([[[]], [["add"]], [["remove", "all"]]])("demo %j is refused", async (positionals) => {
  await expect(demo({ positionals, options: {} })).rejects.toMatchObject({ code: "usage.demo", exitCode: 64 });
});
