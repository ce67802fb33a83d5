import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, SHOP, visit } from "./browser.ts";
import { KEEPER, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { violationsOf } from "./violations.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const SCREENS = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1366, height: 850 },
} as const;

const reason = await keeperSkipReason();
const title = reason === undefined ? "axe" : `axe (${reason})`;

let browser: Browser;
let plant: SoldPlant;
let customer: Visitor;

/** A customer with an account and something in the cart. */
async function openCustomer(): Promise<Visitor> {
  const visitor = openVisitor(SHOP);
  const email = `axe-${plant.handle}@example.com`;
  await visitor.send("/api/account/register", {
    email,
    password: "long enough a secret",
    first_name: "Zoé",
    last_name: "Petit",
  });
  await visitor.send("/api/cart/items", { variant: plant.variant, quantity: "1", from: plant.handle });
  return visitor;
}

const PAGES = ["/", "/categories", "/plants/", "/search?q=fern", "/cart", "/checkout", "/account"] as const;

let category = "";
const addressOf = (path: (typeof PAGES)[number], language: "en" | "fr"): string => {
  const own = { "/plants/": `/plants/${plant.handle}`, "/categories": category } as Readonly<Record<string, string>>;
  const there = own[path] ?? path;
  if (language === "en") return there;
  return there === "/" ? "/fr" : `/fr${there}`;
};

describe.skipIf(reason)(title, () => {
  beforeAll(async () => {
    browser = await openBrowser();
    plant = await (await openKeeper(KEEPER)).addPlant({ stock: 3, price: 12 });
    customer = await openCustomer();
    category = /href="(\/categories\/[^"]+)"/.exec((await customer.read("/")).html)?.[1] ?? "";
    expect(category).not.toBe("");
    expect((await customer.read("/account")).text).toContain("Hello Zoé");
  });
  afterAll(async () => {
    await plant?.remove();
    await browser?.close();
  });

  describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
    describe.each(["en", "fr"] as const)("%s", (language) => {
      test.each(PAGES)("finds nothing on %s, on a phone and on a wide screen", async (path) => {
        const there = addressOf(path, language);
        for (const [screen, viewport] of Object.entries(SCREENS)) {
          await visit(browser, { viewport, colorScheme, locale: language }, async (page, _, context) => {
            const cookies = [...customer.cookies].map(([name, value]) => ({ name, value, url: SHOP }));
            await context.addCookies(cookies);
            const answer = await page.goto(`${SHOP}${there}`);
            expect([there, answer?.status(), new URL(page.url()).pathname]).toEqual([
              there,
              200,
              new URL(there, SHOP).pathname,
            ]);
            expect([screen, await violationsOf(page)]).toEqual([screen, []]);
          });
        }
      });
    });
  });
});
