import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

export const CHROMIUM = "/usr/bin/chromium";
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where the suites of this folder find the shop they buy from. */
export const SHOP = process.env.GREENLEAF_SHOP_URL ?? "http://localhost:8080";

/** Where its pictures are read. */
export const MEDIA = process.env.GREENLEAF_SHOP_MEDIA_URL ?? `${SHOP}/media`;

/** For one step of a visitor on a machine that has other things to do. */
export const STEP_MS = 90_000;

/** Why these suites cannot run here, or undefined. A shop that was named must be there; the default one need not. */
export async function skipReason(): Promise<string | undefined> {
  if (!existsSync(CHROMIUM)) return `no ${CHROMIUM}: apt-get install chromium`;
  if (process.env.GREENLEAF_SHOP_URL !== undefined) return undefined;
  const answers = await fetch(`${SHOP}/healthz`).then(
    () => true,
    () => false,
  );
  return answers ? undefined : `no shop at ${SHOP}: sudo ./greenleaf up`;
}

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

// A picture left behind by going on to the next page; a network that another program on this machine made or removed.
const NOT_THE_PAGE = /net::ERR_(ABORTED|NETWORK_CHANGED)/;

/** Runs with a page of a fresh visitor; whatever the browser complains about is given to the caller. */
export async function visit(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0],
  run: (page: Page, complaints: readonly string[], context: BrowserContext) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    const complaints: string[] = [];
    const complain = (text: string) => void (NOT_THE_PAGE.test(text) || complaints.push(text));
    page.on("console", (message) => {
      if (message.type() === "error") complain(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
    page.on("requestfailed", (request) => complain(`request: ${request.url()} ${request.failure()?.errorText}`));
    await run(page, complaints, context);
  } finally {
    await context.close();
  }
}
