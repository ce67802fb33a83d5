import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PLANTS } from "../../scripts/demo/catalogue.ts";
import { seedShop } from "../../scripts/demo/seed.ts";
import { CATEGORIES, COLLECTIONS } from "../../scripts/demo/shelves.ts";
import { SHOP } from "./browser.ts";
import { KEEPER, type Keeper, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { placeOrder } from "./store-order.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const PROJECT = process.env.GREENLEAF_SHOP_PROJECT ?? "greenleaf";
const PORT = process.env.GREENLEAF_SHOP_PORT ?? "8080";

const reason = await keeperSkipReason();
const title = reason === undefined ? "the demo" : `the demo (${reason})`;

const remove = (...args: string[]) => {
  const line = ["demo", "remove", ...args, "--project", PROJECT, "--port", PORT];
  return spawnSync(join(REPOSITORY, "greenleaf"), line, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
};

const seed = () => seedShop({ baseUrl: SHOP, ...KEEPER, log: () => undefined });

let keeper: Keeper;
let own: SoldPlant;
beforeAll(async () => {
  if (reason !== undefined) return;
  keeper = await openKeeper(KEEPER);
  own = await keeper.addPlant({ stock: 3, price: 9 });
});
// The suites after this one buy the demo's plants.
afterAll(async () => {
  if (reason !== undefined) return;
  const { stores } = await keeper.get<{ stores: { id: string }[] }>("/admin/stores?fields=id");
  await keeper.post(`/admin/stores/${stores[0]?.id}`, { metadata: { greenleaf_demo_removed: "" } });
  await own.remove();
  expect(await seed()).toBe(true);
});

type Named = { readonly handle: string };
const handlesOf = async (list: string, key: string) =>
  (await keeper.get<Record<string, Named[]>>(`/admin/${list}?fields=handle&limit=1000`))[key]?.map(
    ({ handle }) => handle,
  ) ?? [];
const handles = (things: readonly Named[]) => new Set(things.map(({ handle }) => handle));

const shelves = async () => ({
  plants: (await handlesOf("products", "products")).filter((each) => handles(PLANTS).has(each)),
  categories: (await handlesOf("product-categories", "product_categories")).filter((each) =>
    handles(CATEGORIES).has(each),
  ),
  collections: (await handlesOf("collections", "collections")).filter((each) => handles(COLLECTIONS).has(each)),
});

const orders = async () =>
  (
    await keeper.get<{ orders: object[] }>(
      "/admin/orders?fields=display_id,total,items.title,items.thumbnail&limit=500",
    )
  ).orders;

describe.skipIf(reason)(title, () => {
  test("is removed by one command, which asks first; orders and the keeper's own stay, and no up brings it back", async () => {
    await placeOrder(KEEPER);
    const [before, sold] = [await shelves(), await orders()];
    const unasked = remove();
    expect([unasked.status, await shelves()]).toEqual([64, before]);
    expect(unasked.stderr).toContain(`demo remove --yes --project ${PROJECT}`);
    const { status, stdout, stderr } = remove("--yes");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`plants (${PLANTS.length}): `);
    expect(await shelves()).toEqual({ plants: [], categories: [], collections: [] });
    expect(await orders()).toEqual(sold);
    expect((await fetch(`${SHOP}/plants/${own.handle}`)).status).toBe(200);
    const pictures = sold.flatMap((order) => JSON.stringify(order).match(/https?:[^"]+/g) ?? []);
    for (const picture of new Set(pictures)) expect([picture, (await fetch(picture)).status]).toEqual([picture, 200]);
    expect(remove("--yes").stdout).toBe("there is nothing of the demo to remove\n");
    expect([await seed(), await shelves()]).toEqual([false, { plants: [], categories: [], collections: [] }]);
  });
});
