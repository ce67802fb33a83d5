import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, SHOP, visit } from "./browser.ts";
import { KEEPER, keeperSkipReason } from "./keeper.ts";
import { MAILBOX } from "./mailbox.ts";
import { placeOrder } from "./store-order.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const NODE_PAGE = process.env.GREENLEAF_SHOP_NODE_URL ?? "http://127.0.0.1:9090/";
/** With this set the README's own pictures are made anew. */
const isForReadme = process.env.GREENLEAF_README_PICTURES === "1";

const reason = await keeperSkipReason();
const title = reason === undefined ? "the README's pictures" : `the README's pictures (${reason})`;

const WIDE: BrowserContextOptions = { viewport: { width: 1200, height: 760 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 760 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

interface Shot {
  readonly as: BrowserContextOptions;
  /** Goes there, and ends when all that the picture is of is to be seen. */
  readonly go: (page: Page) => Promise<void>;
}

const arrive = async (page: Page, url: string, seen: string) => {
  await page.goto(url, { waitUntil: "networkidle" });
  await page.locator(seen).first().waitFor();
};

const SHOTS: Readonly<Record<string, Shot>> = {
  shop: { as: WIDE, go: (page) => arrive(page, SHOP, ".card img.picture") },
  phone: { as: PHONE, go: (page) => arrive(page, `${SHOP}/plants/aloe`, ".gallery img.picture") },
  admin: {
    as: WIDE,
    go: async (page) => {
      await page.goto(`${SHOP}/app/login`);
      await page.locator("input[name=email]").fill(KEEPER.email);
      await page.locator("input[name=password]").fill(KEEPER.password);
      await page.getByRole("button", { name: /continue/i }).click();
      await page.waitForURL(/\/app\/(?!login)/);
      await arrive(page, `${SHOP}/app/products`, "tbody tr img");
    },
  },
  mailbox: {
    as: WIDE,
    go: async (page) => {
      await placeOrder(KEEPER);
      const isThere = async () => (await (await fetch(MAILBOX)).text()).includes("@");
      await expect.poll(isThere, { timeout: 60_000, interval: 1_000 }).toBe(true);
      await arrive(page, MAILBOX, "body");
    },
  },
  node: { as: { viewport: { width: 1000, height: 700 } }, go: (page) => arrive(page, NODE_PAGE, "body") },
};

let browser: Browser;
const scratch = mkdtempSync(join(tmpdir(), "greenleaf-pictures-"));

describe.skipIf(reason)(title, () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  test.each(Object.entries(SHOTS))("%s is made, and shown there", async (name, { as, go }) => {
    const path = join(isForReadme ? join(REPOSITORY, "docs", "pictures") : scratch, `${name}.jpg`);
    await visit(browser, as, async (page) => {
      await go(page);
      await page.screenshot({ path, type: "jpeg", quality: 80 });
    });
    expect(statSync(path).size).toBeGreaterThan(15_000);
    expect(readFileSync(join(REPOSITORY, "README.md"), "utf8")).toContain(`docs/pictures/${name}.jpg`);
  });
});
