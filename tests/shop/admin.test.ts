import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MEDIA, openBrowser, SHOP, skipReason, visit } from "./browser.ts";
import { logIn } from "./log-in.ts";

const EMAIL = process.env.GREENLEAF_ADMIN_EMAIL ?? "";
const PROJECT = process.env.GREENLEAF_SHOP_PROJECT ?? "greenleaf";
const PRODUCT = "aloe";
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const reason =
  (await skipReason()) ?? (EMAIL === "" ? "GREENLEAF_ADMIN_EMAIL and _PASSWORD say who may log in" : undefined);
const title = reason === undefined ? "the admin" : `the admin (${reason})`;

interface AdminProduct {
  readonly id: string;
  readonly thumbnail: string | null;
  readonly images: readonly { readonly url: string }[];
}

let browser: Browser;
beforeAll(async () => {
  if (reason === undefined) browser = await openBrowser();
});
afterAll(() => browser?.close());

/** The admin API as the page's own session sees it: by its cookie. */
const api = (page: Page) => ({
  async product(): Promise<AdminProduct> {
    const answer = await page.request.get(`${SHOP}/admin/products?handle=${PRODUCT}&fields=id,thumbnail,*images`);
    const { products } = (await answer.json()) as { products: AdminProduct[] };
    return products[0]!;
  },
  async restore({ id, thumbnail, images }: AdminProduct): Promise<void> {
    const data = { thumbnail, images: images.map(({ url }) => ({ url })) };
    expect((await page.request.post(`${SHOP}/admin/products/${id}`, { data })).status()).toBe(200);
  },
});

/** Every file on the only writable place of the backend's container. */
function filesOfBackend(): string {
  const list = "console.log(fs.readdirSync('/tmp', { recursive: true }).join('\\n'))";
  const { stdout, stderr, status } = spawnSync("docker", ["exec", `${PROJECT}-backend-1`, "node", "-e", list], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the backend's files cannot be listed: ${stderr}`);
  return stdout;
}

describe.skipIf(reason)(title, () => {
  test("lets in who knows the password, and nobody else", async () => {
    await visit(browser, {}, async (page) => {
      await page.goto(`${SHOP}/app/login`);
      await page.locator("input[name=email]").fill(EMAIL);
      await page.locator("input[name=password]").fill("not the password");
      await page.getByRole("button", { name: /continue/i }).click();
      await page.getByText(/invalid email or password/i).waitFor();
      await logIn(page);
      const session = (await page.context().cookies()).find(({ name }) => name === "connect.sid");
      expect(session).toMatchObject({ httpOnly: true, secure: true });
    });
  });

  test("a picture uploaded to a product lies in the store, shows in the shop and never touched the backend's disk", async () => {
    const name = `upload-${randomBytes(4).toString("hex")}`;
    await visit(browser, { viewport: { width: 1280, height: 900 } }, async (page) => {
      await logIn(page);
      const before = await api(page).product();
      try {
        await page.goto(`${SHOP}/app/products/${before.id}/media?view=edit`);
        const chooser = page.locator("input[type=file]");
        await chooser.waitFor({ state: "attached" });
        await chooser.setInputFiles({ name: `${name}.png`, mimeType: "image/png", buffer: PNG });
        const saved = page.waitForResponse(
          (answer) => answer.url().includes(before.id) && answer.request().method() === "POST",
        );
        await page.getByRole("button", { name: "Save" }).click();
        expect((await saved).status()).toBe(200);

        const after = await api(page).product();
        const uploaded = after.images.map(({ url }) => url).find((url) => url.includes(name)) ?? "";
        expect(uploaded.startsWith(`${MEDIA}/${name}.w400-`)).toBe(true);
        const stored = await fetch(uploaded);
        expect([stored.status, stored.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
        expect(filesOfBackend()).not.toContain(name);
        const shown = async () => (await (await fetch(`${SHOP}/plants/${PRODUCT}`)).text()).includes(uploaded);
        // The storefront remembers a product for five seconds.
        await expect.poll(shown, { timeout: 30_000, interval: 500 }).toBe(true);
        await api(page).restore(before);
        await page.request.delete(`${SHOP}/admin/uploads/${uploaded.slice(uploaded.lastIndexOf("/") + 1)}`);
        expect((await fetch(uploaded)).status).toBe(404);
      } finally {
        await api(page).restore(before);
      }
    });
  });
});
