import type { Page } from "playwright-core";
import { SHOP } from "./browser.ts";
import { KEEPER } from "./keeper.ts";

/** Lets the keeper into the admin, by its login page. */
export async function logIn(page: Page): Promise<void> {
  await page.goto(`${SHOP}/app/login`);
  await page.locator("input[name=email]").fill(KEEPER.email);
  await page.locator("input[name=password]").fill(KEEPER.password);
  await page.getByRole("button", { name: /continue/i }).click();
  await page.waitForURL(/\/app\/(?!login)/);
}
