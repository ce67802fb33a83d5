import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EXIT } from "../../node-agent/src/base/errors.ts";
import { PLANTS } from "./catalogue.ts";
import { seedShop } from "./seed.ts";

interface FakeProduct {
  id: string;
  handle: string;
  thumbnail: string;
  images: { url: string }[];
  [key: string]: unknown;
}

/** The part of Medusa's admin API that seeding uses, and the store its uploads land in, on a real socket. */
class FakeShop {
  readonly calls: string[] = [];
  readonly products: FakeProduct[] = [];
  readonly files = new Map<string, string>();
  inclusive = false;
  readonly categories: { handle: string }[] = [];
  readonly collections: { handle: string }[] = [];
  readonly rates = new Map([
    ["txr_be", 20],
    ["txr_de", 20],
    ["txr_fr", 20],
    ["txr_lu", 20],
  ]);
  deliveryTime = "";
  /** Answers still to be given instead of the login's. */
  troubles: number[] = [];
  url = "";
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(([status, body]) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage): Promise<[number, unknown]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const call = `${request.method} ${pathname}`;
    if (pathname.startsWith("/media/")) return this.files.has(pathname) ? [200, "a picture"] : [404, "NoSuchKey"];
    this.calls.push(call);
    if (call === "POST /auth/user/emailpass") return this.#login(JSON.parse(body.toString()) as { password: string });
    if (request.headers.authorization !== "Bearer token") return [401, { message: "Unauthorized" }];
    if (call === "POST /admin/uploads") return this.#upload(body.toString("latin1"));
    const handles = searchParams.getAll("handle[]");
    const routes: Record<string, () => unknown> = {
      "GET /admin/products": () => ({ products: this.products.filter(({ handle }) => handles.includes(handle)) }),
      "GET /admin/stores": () => ({ stores: [{ default_sales_channel_id: "sc_1" }] }),
      "GET /admin/shipping-profiles": () => ({ shipping_profiles: [{ id: "sp_1" }] }),
      "GET /admin/price-preferences": () => ({ price_preferences: [{ id: "prpref_1", value: "eur" }] }),
      "POST /admin/price-preferences/prpref_1": () => (this.inclusive = true),
      "POST /admin/products/batch": () => this.#batch(JSON.parse(body.toString()) as Batch),
      "GET /admin/product-categories": () => ({ product_categories: this.categories }),
      "GET /admin/collections": () => ({ collections: this.collections }),
      "POST /admin/product-categories": () => ({ product_category: this.#keep(this.categories, "pcat", body) }),
      "POST /admin/collections": () => ({ collection: this.#keep(this.collections, "pcol", body) }),
      "GET /admin/tax-regions": () => ({ tax_regions: this.#taxRegions() }),
      "GET /admin/shipping-option-types": () => ({ shipping_option_types: [{ id: "sotype_1", code: "standard" }] }),
      "POST /admin/shipping-option-types/sotype_1": () => {
        this.deliveryTime = (JSON.parse(body.toString()) as { description: string }).description;
        return {};
      },
    };
    for (const id of this.rates.keys()) {
      routes[`POST /admin/tax-rates/${id}`] = () =>
        this.rates.set(id, (JSON.parse(body.toString()) as { rate: number }).rate);
    }
    const route = routes[call];
    return route === undefined ? [404, { message: `no ${call}` }] : [200, route()];
  }

  #keep(known: { handle: string }[], prefix: string, body: Buffer): object {
    const sent = JSON.parse(body.toString()) as { handle: string };
    const made = { ...sent, id: `${prefix}_${sent.handle}` };
    known.push(made);
    return made;
  }

  #taxRegions(): object[] {
    return [...this.rates].map(([id, rate]) => ({
      country_code: id.slice(4),
      tax_rates: [{ id, is_default: true, rate }],
    }));
  }

  #login({ password }: { password: string }): [number, unknown] {
    const trouble = this.troubles.shift();
    if (trouble !== undefined) return [trouble, "<html>"];
    return password === "right" ? [200, { token: "token" }] : [401, { message: "Invalid email or password" }];
  }

  #upload(form: string): [number, unknown] {
    const names = [...form.matchAll(/filename="([\w-]+)\.webp"/g)].map(([, name]) => name);
    const files = names.toReversed().map((name) => {
      const path = `/media/${name}-01M828TY1Z5CFCYZ1DWY${String(this.files.size).padStart(6, "0")}.webp`;
      this.files.set(path, form);
      return { id: path, url: `${this.url}${path}` };
    });
    return [200, { files }];
  }

  #batch({ create = [], update = [] }: Batch): object {
    for (const product of create) this.products.push({ ...product, id: `prod_${product.handle}` });
    for (const change of update) Object.assign(this.products.find(({ id }) => id === change.id) ?? {}, change);
    return {};
  }
}

interface Batch {
  readonly create?: readonly FakeProduct[];
  readonly update?: readonly FakeProduct[];
}

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
