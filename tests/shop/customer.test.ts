import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SHOP } from "./browser.ts";
import { KEEPER, type Keeper, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { addressOf, fieldOf, openVisitor, type Page, type Visitor } from "./visitor.ts";

const reason = await keeperSkipReason();
const title = (text: string) => (reason === undefined ? text : `${text} (${reason})`);

const ADDRESS = addressOf("zoe@example.com");

let keeper: Keeper;
const plants: SoldPlant[] = [];
beforeAll(async () => {
  if (reason === undefined) keeper = await openKeeper(KEEPER);
});
afterAll(async () => {
  for (const plant of plants) await plant.remove().catch(() => undefined);
});

async function addPlant(stock: number, price = 12): Promise<SoldPlant> {
  const plant = await keeper.addPlant({ stock, price });
  plants.push(plant);
  return plant;
}

async function put(visitor: Visitor, { variant, handle }: SoldPlant, quantity = 1): Promise<Page> {
  return visitor.send("/api/cart/items", { variant, quantity: String(quantity), from: handle });
}

/** What a visitor reads of a cart in which something stands in the way; the way to the order is closed there. */
async function refusedOrder(visitor: Visitor): Promise<string> {
  const page = await visitor.send("/api/checkout/order", { place: "1", total: "0", option: "x" });
  expect([page.path, page.html.includes('href="/checkout"')]).toEqual(["/cart", false]);
  return page.text;
}

const removeAll = async (visitor: Visitor): Promise<Page> => {
  const cart = await visitor.read("/cart");
  const line = /action="(\/api\/cart\/items\/[^"?]+)/.exec(cart.html)?.[1] ?? "";
  return visitor.send(line, { quantity: "0" });
};

describe.skipIf(reason)(title("stock and prices"), () => {
  test("a sold-out plant says so, on its page, in the list and to whoever orders it all the same", async () => {
    const plant = await addPlant(0);
    const visitor = openVisitor(SHOP);
    const page = await visitor.read(`/plants/${plant.handle}`);
    expect(page.text).toContain("Sold out");
    expect(page.html).toMatch(/<button[^>]*disabled=""[^>]*>Sold out<\/button>/);
    const data = JSON.parse(/ld\+json">(.*?)<\/script>/.exec(page.html)?.[1] ?? "{}") as {
      name: string;
      offers: { availability: string }[];
    };
    expect([data.name, data.offers[0]?.availability]).toEqual([plant.title, "https://schema.org/OutOfStock"]);
    const refused = await put(visitor, plant);
    expect([refused.path, refused.text.includes("not enough of this plant left")]).toEqual([
      `/plants/${plant.handle}?notice=sold-out`,
      true,
    ]);
  });

  test("the last one is called the last, and is not sold twice to one cart", async () => {
    const plant = await addPlant(1);
    const visitor = openVisitor(SHOP);
    expect((await visitor.read(`/plants/${plant.handle}`)).text).toContain("Only 1 left");
    expect((await put(visitor, plant)).text).toContain("Added to your cart.");
    expect((await put(visitor, plant)).path).toContain("notice=sold-out");
  });

  test.each([
    ["made a draft", (plant: SoldPlant) => plant.change({ status: "draft" })],
    ["removed", (plant: SoldPlant) => plant.remove()],
  ])(
    "a plant that was %s after it was put into a cart is named there, orders nothing, and can be taken out",
    async (_, vanish) => {
      const [plant, other] = [await addPlant(5), await addPlant(5)];
      const visitor = openVisitor(SHOP);
      await put(visitor, plant);
      await vanish(plant);
      expect((await visitor.read("/cart")).text).toContain(`${plant.title} is no longer sold`);
      expect(await refusedOrder(visitor)).toContain(`${plant.title} is no longer sold`);
      expect((await removeAll(visitor)).text).toContain("There is nothing in it yet");
      expect((await put(visitor, other)).text).toContain("Added to your cart.");
    },
  );

  test("a price that changed is said with both amounts, and the new one is what is paid", async () => {
    const plant = await addPlant(5, 40);
    const visitor = openVisitor(SHOP);
    await put(visitor, plant);
    await plant.setPrice(25);
    const cart = await visitor.read("/cart");
    expect(cart.text).toContain(`The price of ${plant.title} changed from €40.00 to €25.00`);
    expect(cart.text).toMatch(/Total €25\.00/);
    expect((await visitor.read("/cart")).text).not.toContain("changed from");
  });
});

describe.skipIf(reason)(title("the cart"), () => {
  test("takes a voucher, shows what it saves, gives it back, and names the delivery before the checkout", async () => {
    const plant = await addPlant(5, 20);
    const code = `TEN${plant.handle.slice(5).toUpperCase()}`;
    await keeper.post("/admin/promotions", {
      code,
      type: "standard",
      status: "active",
      application_method: { type: "percentage", target_type: "items", allocation: "across", value: 10 },
    });
    const visitor = openVisitor(SHOP);
    const cart = await put(visitor, plant);
    expect(cart.text).toMatch(/Delivery from €5\.00/);
    expect(cart.text).toContain("Delivery to France: To the door, 2 to 4 working days");
    expect((await visitor.send("/api/cart/voucher", { code: "NOTHING" })).text).toContain("is not valid");
    expect((await visitor.send("/api/cart/voucher", { code })).text).toMatch(/Discount -€2\.00 .*Total €18\.00/);
    expect((await visitor.send("/api/cart/voucher", { remove: code })).text).toMatch(/Total €20\.00/);
  });

  test("is ordered with another address for the invoice; VAT is the country's own, and the button says the obligation", async () => {
    const plant = await addPlant(5, 119);
    const visitor = openVisitor(SHOP);
    await put(visitor, plant);
    const billing = Object.fromEntries(
      Object.entries({ ...ADDRESS, city: "Nantes" }).map(([name, value]) => [`billing_${name}`, value]),
    );
    const fields = { ...ADDRESS, ...billing, country_code: "de", phone: "+49 30 1234567", billing: "other" };
    const delivery = await visitor.send("/api/checkout/address", fields);
    expect(delivery.text).toContain("Nantes");
    expect(delivery.text).toContain("Germany");
    expect(delivery.text).toContain("Order with obligation to pay");
    // 124 € with delivery, of which 19 %.
    expect(delivery.text).toMatch(/Total €124\.00 of which VAT €19\.80/);
    const option = /name="option"[^>]*value="([^"]+)"/.exec(delivery.html)?.[1] ?? "";
    const total = fieldOf(delivery, "total");
    const order = await visitor.send("/api/checkout/order", { place: "1", total, option });
    expect(order.text).toContain("Thank you, your order is placed");
  });
});

describe.skipIf(reason)(title("finding plants"), () => {
  test.each([
    ["/categories/easy-care", "Snake Plant", "Lavender"],
    ["/collections/safe-with-pets", "Calathea", "Aloe Vera"],
    ["/search?q=monstrea", "Swiss Cheese Plant", "Lavender"],
    ["/plants?light=sun&most=10", "Aloe Vera", "Olive Tree"],
    ["/plants?size=Pot+10+cm", "String of Pearls", "Aloe Vera"],
  ])("%s shows %s, and not %s", async (path, shown, hidden) => {
    const { html } = await openVisitor(SHOP).read(path);
    const titles = [...html.matchAll(/card-title">([^<]+)</g)].map(([, name]) => name);
    expect(titles).toContain(shown);
    expect(titles).not.toContain(hidden);
  });

  test("a category, a collection or a page that does not exist is 404, whatever its name", async () => {
    for (const path of [
      "/categories/none",
      "/collections/%3Cscript%3E",
      "/pages/none",
      "/plants?page=9",
      "/fr/nothing",
    ]) {
      expect([path, (await openVisitor(SHOP).read(path)).status]).toEqual([path, 404]);
    }
  });
});

describe.skipIf(reason)(title("languages and search engines"), () => {
  test("a French browser is led from the bare address to French, and stays there from step to step", async () => {
    const first = await fetch(SHOP, { redirect: "manual", headers: { "accept-language": "fr-FR,fr;q=0.9" } });
    expect([first.status, first.headers.get("location")]).toEqual([303, "/fr"]);
    const visitor = openVisitor(SHOP);
    const plant = await visitor.read("/fr/plants/aloe");
    expect(plant.html).toContain('<html lang="fr">');
    expect(plant.text).toContain("9,90 €");
    expect(plant.text).toContain("Plein soleil");
    const variant = fieldOf(plant, "variant");
    const cart = await visitor.send("/api/cart/items?language=fr", { variant, quantity: "1" });
    expect([cart.path, cart.text.includes("Ajouté à votre panier.")]).toEqual(["/fr/cart?notice=added", true]);
  });

  test("sitemap, robots and canonical addresses name the shop's own address", async () => {
    const robots = await (await fetch(`${SHOP}/robots.txt`)).text();
    expect(robots).toContain(`Sitemap: ${SHOP}/sitemap.xml`);
    const map = await (await fetch(`${SHOP}/sitemap.xml`)).text();
    for (const path of ["/plants/aloe", "/fr/plants/aloe", "/categories/easy-care", "/fr/pages/terms"]) {
      expect(map).toContain(`<loc>${SHOP}${path}</loc>`);
    }
    const { html } = await openVisitor(SHOP).read("/fr/plants/aloe?utm=x");
    expect(html).toContain(`<link rel="canonical" href="${SHOP}/fr/plants/aloe"`);
  });

  test("terms, privacy, returns, imprint and contact are one link away from every page", async () => {
    const { html } = await openVisitor(SHOP).read("/cart");
    for (const name of ["terms", "privacy", "returns", "imprint", "contact"]) {
      expect(html).toContain(`href="/pages/${name}"`);
      expect((await openVisitor(SHOP).read(`/fr/pages/${name}`)).status).toBe(200);
    }
  });
});

describe.skipIf(reason)(title("an account"), () => {
  test("is opened, keeps the order and an address, gives its data, and is closed to a wrong password", async () => {
    const plant = await addPlant(5, 20);
    const email = `account-${plant.handle}@example.com`;
    const visitor = openVisitor(SHOP);
    const login = { email, password: "long enough a secret" };
    const names = { first_name: "Zoé", last_name: "Petit" };
    expect((await visitor.send("/api/account/register", { ...login, ...names, password: "short" })).text).toContain(
      "8 to 100 characters",
    );
    expect((await visitor.send("/api/account/register", { ...login, ...names })).text).toContain("Hello Zoé");

    await put(visitor, plant);
    const delivery = await visitor.send("/api/checkout/address", { ...ADDRESS, email });
    const option = /name="option"[^>]*value="([^"]+)"/.exec(delivery.html)?.[1] ?? "";
    const order = await visitor.send("/api/checkout/order", { place: "1", total: fieldOf(delivery, "total"), option });
    const number = /data-testid="order-number">(\d+)</.exec(order.html)?.[1] ?? "";
    expect((await visitor.read("/account")).text).toContain(`Order ${number} of`);
    expect((await visitor.send("/api/account/addresses", ADDRESS)).text).toMatch(/The address is saved.*69001 Lyon/);
    expect((await visitor.read("/api/account/export")).html).toContain(`"email": "${email}"`);

    expect((await visitor.send("/api/account/logout", {})).text).toContain("You are logged out");
    expect((await visitor.read("/account")).text).toContain("I have an account");
    const wrong = await visitor.send("/api/account/login", { ...login, password: "another secret" });
    expect(wrong.text).toContain("do not belong together");
    expect((await visitor.send("/api/account/login", login)).text).toContain(`Order ${number} of`);
  });

  test("is closed to other sites' forms and to sessions somebody made up", async () => {
    const forged = await fetch(`${SHOP}/api/account/logout`, {
      method: "POST",
      headers: { "sec-fetch-site": "cross-site", cookie: "greenleaf_session=a.b.c" },
      body: new URLSearchParams({}),
    });
    expect(forged.status).toBe(403);
    for (const session of ["a.b.c", "../x", "eyJhbGciOiJub25lIn0.e30.x"]) {
      const page = await fetch(`${SHOP}/account`, { headers: { cookie: `greenleaf_session=${session}` } });
      expect([session, page.status, (await page.text()).includes("I have an account")]).toEqual([session, 200, true]);
    }
  });
});
