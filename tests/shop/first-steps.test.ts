import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, SHOP, visit } from "./browser.ts";
import { KEEPER, type Keeper, keeperSkipReason, openKeeper } from "./keeper.ts";
import { logIn } from "./log-in.ts";

const reason = await keeperSkipReason();
const title = reason === undefined ? "the first steps" : `the first steps (${reason})`;
const STEPS = ["name", "address", "texts", "shipping", "payment", "taxes", "mail", "demo"];

interface Store {
  readonly id: string;
  readonly name: string;
}

let browser: Browser;
let keeper: Keeper;
let store: Store;
beforeAll(async () => {
  if (reason !== undefined) return;
  browser = await openBrowser();
  keeper = await openKeeper(KEEPER);
  store = (await keeper.get<{ stores: Store[] }>("/admin/stores?fields=id,name")).stores[0]!;
});
afterAll(async () => {
  if (reason !== undefined) return;
  await keeper.post(`/admin/stores/${store.id}`, { name: store.name });
  await browser.close();
});

describe.skipIf(reason)(title, () => {
  test("stand in the admin's menu: each with a link that opens, and whether it is done", async () => {
    await keeper.post(`/admin/stores/${store.id}`, { name: "GreenLeaf" });
    await visit(browser, { viewport: { width: 1280, height: 900 } }, async (page, complaints) => {
      await logIn(page);
      await page.getByRole("link", { name: "First steps" }).click();
      await page.waitForURL(/\/app\/first-steps$/);
      const step = (name: string) => page.getByTestId(`step-${name}`);
      await step("demo").waitFor();
      const rows = await page.locator("[data-testid^=step-]").evaluateAll((all) => all.map((row) => row.textContent));
      expect(rows).toHaveLength(STEPS.length);
      // Of the local world: the mailbox takes mails, each country has its rate, and the demo's plants are there.
      for (const name of ["mail", "taxes"]) await step(name).getByText("Done", { exact: true }).waitFor();
      for (const name of ["name", "demo"]) await step(name).getByText("To do", { exact: true }).waitFor();
      await step("texts")
        .getByText(/Still missing: .*imprint/)
        .waitFor();

      await keeper.post(`/admin/stores/${store.id}`, { name: "Canopy" });
      await page.reload();
      await step("name").getByText("Done", { exact: true }).waitFor();

      for (const name of STEPS) {
        await step(name).getByRole("link").click();
        await page.waitForURL((url) => !url.pathname.includes("first-steps"));
        await page.locator("main h1, main h2").first().waitFor();
        await page.goto(`${SHOP}/app/first-steps`);
      }
      // The admin's other pages ask for pictures of flags elsewhere, and miss some translations.
      expect(complaints.filter((text) => /^script:|first-steps/.test(text))).toEqual([]);
    });
  });

  test("are for administrators alone", async () => {
    expect((await fetch(`${SHOP}/admin/first-steps`)).status).toBe(401);
  });
});
