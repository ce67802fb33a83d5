import { randomBytes } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, SHOP, visit } from "./browser.ts";
import { buy } from "./buy.ts";
import { excessWidth, findNameless } from "./in-page.ts";
import { KEEPER, type Keeper, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { logIn } from "./log-in.ts";
import { letterTo } from "./mailbox.ts";
import { violationsOf } from "./violations.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const reason = await keeperSkipReason();
const title = (text: string) => (reason === undefined ? text : `${text} (${reason})`);
const PASSWORD = "long enough a secret";
const FRENCH = { "/fr": "?language=fr", "": "" } as const;

let browser: Browser;
let keeper: Keeper;
let plant: SoldPlant;
const reasonLabel = `Wilted ${randomBytes(3).toString("hex")}`;
beforeAll(async () => {
  if (reason !== undefined) return;
  browser = await openBrowser();
  keeper = await openKeeper(KEEPER);
  plant = await keeper.addPlant({ stock: 20, price: 12 });
  const french = { label_fr: `Fané ${reasonLabel}` };
  await keeper.post("/admin/return-reasons", {
    value: reasonLabel.replace(" ", "-"),
    label: reasonLabel,
    metadata: french,
  });
});
afterAll(async () => {
  await browser?.close();
  await plant?.remove().catch(() => undefined);
});

const somebody = (what: string) => `${what}-${randomBytes(4).toString("hex")}@example.com`;

/** A customer with an account; speaks the language of the prefix. */
async function openCustomer(email: string, prefix: keyof typeof FRENCH): Promise<Visitor> {
  const visitor = openVisitor(SHOP);
  const fields = { email, password: PASSWORD, first_name: "Zoé", last_name: "Petit" };
  await visitor.send(`/api/account/register${FRENCH[prefix]}`, fields);
  return visitor;
}

interface Sold {
  readonly id: string;
  readonly display_id: number;
  readonly items: readonly { readonly id: string; readonly quantity: number }[];
  readonly payment_collections: readonly { readonly payments: readonly { readonly id: string }[] }[];
  readonly fulfillments: readonly { readonly id: string }[];
}

const soldOrder = async (id: string): Promise<Sold> =>
  (
    await keeper.get<{ order: Sold }>(
      `/admin/orders/${id}?fields=id,display_id,*items,*fulfillments,payment_collections.payments.id`,
    )
  ).order;

/** Sends all of an order and takes its money. */
async function ship(id: string): Promise<void> {
  const { items, payment_collections } = await soldOrder(id);
  const lines = items.map((item) => ({ id: item.id, quantity: item.quantity }));
  await keeper.post(`/admin/orders/${id}/fulfillments`, { items: lines });
  const [fulfillment] = (await soldOrder(id)).fulfillments;
  await keeper.post(`/admin/orders/${id}/fulfillments/${fulfillment?.id}/shipments`, { items: lines, labels: [] });
  await keeper.post(`/admin/payments/${payment_collections[0]?.payments[0]?.id}/capture`, {});
}

/** How many of the plant lie in the warehouse. */
async function stocked(): Promise<number> {
  const { variants } = await keeper.get<{ variants: { inventory_items: { inventory: { id: string } }[] }[] }>(
    `/admin/product-variants?id=${plant.variant}&fields=id,inventory_items.inventory.id`,
  );
  const item = variants[0]?.inventory_items[0]?.inventory.id;
  const { inventory_item } = await keeper.get<{ inventory_item: { stocked_quantity: number } }>(
    `/admin/inventory-items/${item}?fields=id,stocked_quantity`,
  );
  return inventory_item.stocked_quantity;
}

const cookiesOf = ({ cookies }: Visitor) => [...cookies].map(([name, value]) => ({ name, value, url: SHOP }));

describe.skipIf(reason)(title("a return"), () => {
  test("is asked for without scripts, in French, received and paid back in the admin; stock and mails follow", async () => {
    const email = somebody("retour");
    const visitor = await openCustomer(email, "/fr");
    const { id } = await buy(visitor, plant, { email, quantity: "3", language: "fr" });
    const line = (await soldOrder(id)).items[0]?.id ?? "";
    // Nothing has been sent yet.
    expect((await visitor.read(`/fr/account/orders/${id}/return`)).text).toContain("ne peut être rendu");
    await ship(id);
    const before = await stocked();
    const { display_id: number } = await soldOrder(id);

    const options = { javaScriptEnabled: false, viewport: { width: 360, height: 700 }, locale: "fr" };
    await visit(browser, options, async (page, complaints, context) => {
      await context.addCookies(cookiesOf(visitor));
      await page.goto(`${SHOP}/fr/account`);
      await page.getByRole("link", { name: `Commande ${number}` }).click();
      await page.getByRole("link", { name: "Rendre des plantes" }).click();
      await page.getByRole("heading", { name: `Rendre des plantes de la commande ${number}` }).waitFor();
      expect([await page.evaluate(findNameless), await page.evaluate(excessWidth)]).toEqual([[], 0]);
      await page.getByRole("button", { name: "Demander le retour" }).click();
      await page.getByText("Choisissez au moins une plante").waitFor();
      await page.getByLabel(`${plant.title}, Green : combien sur 3 ?`).fill("2");
      await page.getByLabel("Raison").selectOption({ label: `Fané ${reasonLabel}` });
      await page.getByLabel(/Que devons-nous savoir/).fill("Deux feuilles\nsont jaunes");
      await page.getByRole("button", { name: "Demander le retour" }).click();
      await page.getByText("Votre retour est noté.").waitFor();
      await page.getByText(/^2 du /).waitFor();
      await page.getByText("Attendu", { exact: true }).waitFor();
      expect([await page.evaluate(findNameless), await page.evaluate(excessWidth)]).toEqual([[], 0]);
      expect(complaints).toEqual([]);
    });

    const asked = await letterTo(email, new RegExp(`^Votre retour de la commande ${number}$`));
    expect(asked.text).toContain(`2 × ${plant.title}, Green`);
    const { returns } = await keeper.get<{ returns: { status: string; items: object[] }[] }>(
      `/admin/returns?order_id=${id}&fields=status,items.quantity,items.note,items.reason.label,items.item_id`,
    );
    expect(returns).toMatchObject([
      {
        status: "requested",
        items: [{ item_id: line, quantity: 2, note: "Deux feuilles\nsont jaunes", reason: { label: reasonLabel } }],
      },
    ]);
    // One of three is left to give back.
    const more = await visitor.send(`/api/account/return?order=${id}`, { [`quantity-${line}`]: "2" });
    expect(more.path).toBe(`/account/orders/${id}/return?notice=return-none`);
    expect(more.text).toContain("how many of 1?");

    await receiveInAdmin(id, "2");
    expect(await stocked()).toBe(before + 2);
    const here = await letterTo(email, new RegExp(`^Votre retour de la commande ${number} est arrivé$`));
    expect(here.text).toContain(`2 × ${plant.title}, Green`);
    const paidBack = await letterTo(email, new RegExp(`^Votre remboursement pour la commande ${number}$`));
    expect(paidBack.text).toContain("24,00 €");
    expect((await visitor.read(`/fr/account/orders/${id}`)).text).toMatch(/2 du .* Arrivé/);
  });

  test("asked for twice at once is granted once", async () => {
    const email = somebody("twice");
    const visitor = await openCustomer(email, "");
    const { id } = await buy(visitor, plant, { email });
    const line = (await soldOrder(id)).items[0]?.id ?? "";
    await ship(id);
    const ask = () => visitor.send(`/api/account/return?order=${id}`, { [`quantity-${line}`]: "1" });
    const paths = (await Promise.all([ask(), ask(), ask()])).map(({ path }) => path);
    expect(paths.filter((path) => path.endsWith("notice=return-noted"))).toHaveLength(1);
    expect(paths.filter((path) => path.endsWith("notice=return-none"))).toHaveLength(2);
  });

  test("is asked for by nobody else, and by no other site's form", async () => {
    const email = somebody("owner");
    const visitor = await openCustomer(email, "");
    const { id } = await buy(visitor, plant, { email });
    const line = (await soldOrder(id)).items[0]?.id ?? "";
    await ship(id);
    const stranger = await openCustomer(somebody("stranger"), "");
    expect((await stranger.read(`/account/orders/${id}/return`)).status).toBe(404);
    const fields = { [`quantity-${line}`]: "1" };
    expect((await stranger.send(`/api/account/return?order=${id}`, fields)).path).toBe("/account?notice=login-first");
    expect((await openVisitor(SHOP).read(`/account/orders/${id}/return`)).path).toBe("/account?notice=login-first");
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { cookie, "sec-fetch-site": "cross-site" };
    const forged = await fetch(`${SHOP}/api/account/return?order=${id}`, {
      method: "POST",
      headers,
      body: new URLSearchParams(fields),
    });
    expect(forged.status).toBe(403);
    expect((await keeper.get<{ returns: object[] }>(`/admin/returns?order_id=${id}`)).returns).toEqual([]);
  });

  test("axe finds nothing on its pages, in both languages and schemes", async () => {
    const email = somebody("axe");
    const visitor = await openCustomer(email, "");
    const { id } = await buy(visitor, plant, { email, quantity: "2" });
    const line = (await soldOrder(id)).items[0]?.id ?? "";
    await ship(id);
    await visitor.send(`/api/account/return?order=${id}`, { [`quantity-${line}`]: "1" });
    for (const colorScheme of ["light", "dark"] as const) {
      for (const prefix of ["", "/fr"]) {
        const viewport = colorScheme === "light" ? { width: 390, height: 844 } : { width: 1366, height: 850 };
        await visit(browser, { colorScheme, viewport }, async (page, complaints, context) => {
          await context.addCookies(cookiesOf(visitor));
          for (const path of [
            `${prefix}/account/orders/${id}`,
            `${prefix}/account/orders/${id}/return?notice=return-none`,
          ]) {
            expect((await page.goto(`${SHOP}${path}`))?.status()).toBe(200);
            expect([path, await violationsOf(page)]).toEqual([path, []]);
          }
          expect(complaints).toEqual([]);
        });
      }
    }
  });
});

/** The keeper's way in the admin: receives all that was asked for, and pays back what is owed. */
async function receiveInAdmin(id: string, quantity: string): Promise<void> {
  await visit(browser, { viewport: { width: 1280, height: 1400 } }, async (page) => {
    await logIn(page);
    await page.goto(`${SHOP}/app/orders/${id}`);
    const dialog = page.getByRole("dialog");
    await page.getByRole("link", { name: "Receive items" }).click();
    // The page itself enters what was asked for, once it has begun to receive.
    const entered = () => dialog.locator("input[type=number]").first().inputValue();
    await expect.poll(entered, { timeout: 90_000 }).toBe(quantity);
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText(`${quantity}x items return received`).waitFor();
    await page.getByRole("link", { name: /^Refund/ }).click();
    await dialog.getByRole("combobox").first().click();
    await page.getByRole("option").first().click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Payment refunded").waitFor();
  });
}
