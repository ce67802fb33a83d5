import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, SHOP, visit } from "./browser.ts";
import { excessWidth, findNameless } from "./in-page.ts";
import { KEEPER, type Keeper, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { addressOf, fieldOf, openVisitor, type Visitor } from "./visitor.ts";

const reason = await keeperSkipReason();
const title = (text: string) => (reason === undefined ? text : `${text} (${reason})`);

let browser: Browser;
let keeper: Keeper;
let plant: SoldPlant;
beforeAll(async () => {
  if (reason !== undefined) return;
  browser = await openBrowser();
  keeper = await openKeeper(KEEPER);
  plant = await keeper.addPlant({ stock: 20, price: 12 });
});
afterAll(async () => {
  await browser?.close();
  await plant?.remove().catch(() => undefined);
});

/** Buys one plant; gives the order's number and its page. */
async function buy(visitor: Visitor, email: string): Promise<{ number: string; path: string }> {
  await visitor.send("/api/cart/items", { variant: plant.variant, quantity: "1", from: plant.handle });
  const delivery = await visitor.send("/api/checkout/address", addressOf(email));
  const option = /name="option"[^>]*value="([^"]+)"/.exec(delivery.html)?.[1] ?? "";
  const total = fieldOf(delivery, "total");
  const order = await visitor.send("/api/checkout/order", { place: "1", total, option });
  return { number: /data-testid="order-number">(\d+)</.exec(order.html)?.[1] ?? "", path: order.path };
}

async function register(visitor: Visitor, email: string, password: string): Promise<void> {
  const fields = { email, password, first_name: "Zoé", last_name: "Petit" };
  expect((await visitor.send("/api/account/register", fields)).text).toContain("Hello Zoé");
}

const own = (what: string) => `${what}-${plant.handle}@example.com`;

async function seek(page: Page, number: string, email: string): Promise<void> {
  await page.getByLabel("Order number").fill(number);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Show the order" }).click();
}

describe.skipIf(reason)(title("a guest's order"), () => {
  test("is found again in another browser by its number and address, without scripts", async () => {
    const { number, path } = await buy(openVisitor(SHOP), own("guest"));
    const options = { javaScriptEnabled: false, viewport: { width: 360, height: 700 } };
    await visit(browser, options, async (page, complaints) => {
      await page.goto(`${SHOP}/account`);
      await page.getByRole("link", { name: "Find an order" }).click();
      await page.getByRole("heading", { name: "Find an order" }).waitFor();
      expect([await page.evaluate(findNameless), await page.evaluate(excessWidth)]).toEqual([[], 0]);
      await seek(page, number, own("somebody-else"));
      await page.getByText("We find no order with this number and this e-mail address.").waitFor();
      await seek(page, `#${number}`, own("guest").toUpperCase());
      await page.getByTestId("order-number").getByText(number, { exact: true }).waitFor();
      expect(await page.getByText("1 rue Verte").count()).toBeGreaterThan(0);
      expect(complaints).toEqual([]);
    });
    // Its address alone opens it to nobody.
    expect((await openVisitor(SHOP).read(path)).status).toBe(404);
  });

  test.each(["0", "-1", "1e3", "99999999999", "<b>1</b>", "1; drop", ""])(
    "the number %j finds nothing",
    async (number) => {
      const page = await openVisitor(SHOP).send("/api/order/find", { number, email: own("guest") });
      expect([page.status, page.path]).toEqual([200, "/order?notice=order-unknown"]);
    },
  );
});

describe.skipIf(reason)(title("an account that is deleted by its owner"), () => {
  test("is gone with its login and its cart; a wrong password deletes nothing, and its order is kept", async () => {
    const email = own("leaving");
    const password = "long enough a secret";
    const visitor = openVisitor(SHOP);
    await register(visitor, email, password);
    const { number } = await buy(visitor, email);
    await visit(browser, {}, async (page, complaints) => {
      await page.goto(`${SHOP}/account`);
      await page.getByLabel("E-mail address").fill(email);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("link", { name: "Delete the account" }).click();
      expect(await page.evaluate(findNameless)).toEqual([]);
      await page.getByLabel("Password").fill("another secret");
      await page.getByRole("button", { name: "Delete my account for good" }).click();
      await page.getByText("This is not the password of the account.").waitFor();
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Delete my account for good" }).click();
      await page.getByText("Your account is deleted.").waitFor();
      expect(complaints).toEqual([]);
    });
    // The other browser's session is over as well.
    expect((await visitor.read("/account")).text).toContain("I have an account");
    const again = await visitor.send("/api/account/login", { email, password });
    expect(again.text).toContain("do not belong together");
    const found = await openVisitor(SHOP).send("/api/order/find", { number, email });
    expect(found.html).toContain(`data-testid="order-number">${number}<`);
    const { customers } = await keeper.get<{ customers: unknown[] }>(
      `/admin/customers?has_account=true&email=${encodeURIComponent(email)}`,
    );
    expect(customers).toEqual([]);
    await register(openVisitor(SHOP), email, password);
  });

  test("is deleted by no other site's form and by nobody who is not logged in", async () => {
    const email = own("staying");
    const password = "long enough a secret";
    const visitor = openVisitor(SHOP);
    await register(visitor, email, password);
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }]) {
      const body = new URLSearchParams({ password });
      const forged = await fetch(`${SHOP}/api/account/delete`, {
        method: "POST",
        headers: { cookie, ...headers },
        body,
      });
      expect(forged.status).toBe(403);
    }
    const stranger = await openVisitor(SHOP).send("/api/account/delete", { password });
    expect(stranger.path).toBe("/account?notice=login-first");
    expect((await openVisitor(SHOP).read("/account/delete")).path).toBe("/account?notice=login-first");
    expect((await visitor.read("/account")).text).toContain("Hello Zoé");
  });
});
