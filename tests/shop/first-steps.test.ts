import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, SHOP, visit } from "./browser.ts";
import { KEEPER, type Keeper, keeperSkipReason, openKeeper } from "./keeper.ts";
import { logIn } from "./log-in.ts";
import { violationsOf } from "./violations.ts";

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

  test.each([
    ["en", "First steps", "Still missing", "To do"],
    ["fr", "Premiers pas", "Manque encore", "À faire"],
  ])(
    "read in %s by whoever has chosen it, and axe finds nothing in them, in both schemes",
    async (lng, menu, missing, open) => {
      for (const scheme of ["light", "dark"]) {
        await visit(browser, { viewport: { width: 1280, height: 900 } }, async (page, complaints, context) => {
          await context.addCookies([{ name: "lng", value: lng, url: SHOP }]);
          await page.addInitScript((theme) => localStorage.setItem("medusa_admin_theme", theme), scheme);
          await logIn(page);
          await page.getByRole("link", { name: menu }).click();
          await page.getByRole("heading", { level: 1, name: menu }).waitFor();
          await page.getByTestId("step-texts").getByText(missing).waitFor();
          await page.getByTestId("step-demo").getByText(open, { exact: true }).waitFor();
          expect(await page.locator("html.dark").count()).toBe(scheme === "dark" ? 1 : 0);
          expect(await violationsOf(page, "main")).toEqual([]);
          expect(complaints.filter((text) => /^script:|first-steps|firstSteps/.test(text))).toEqual([]);
        });
      }
    },
  );

  test("are for administrators alone", async () => {
    expect((await fetch(`${SHOP}/admin/first-steps`)).status).toBe(401);
  });
});
