import { mkdirSync } from "node:fs";
import path from "node:path";
import { createPages } from "./pages.ts";
import { askBackend } from "./readiness.ts";
import { createShopServer } from "./shop-server.ts";
import { stopGently } from "./stop.ts";

const EX_CONFIG = 78;
const root = path.resolve(import.meta.dirname, "..", "..");

/** What Medusa's own starters call the storefront's settings. */
const STARTER_NAMES = {
  MEDUSA_BACKEND_URL: "BACKEND_URL",
  NEXT_PUBLIC_MEDUSA_PUBLISHABLE_KEY: "PUBLISHABLE_KEY",
  NEXT_PUBLIC_BASE_URL: "SHOP_URL",
  NEXT_PUBLIC_DEFAULT_REGION: "SHOP_COUNTRY",
};

/**
 * For a page that has no policy of its own: Next's pages carry scripts of their own inline. Without any policy Caddy
 * takes an answer for no page, and lets nothing of it run.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' https: data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' https:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

async function main(): Promise<number | undefined> {
  const backend = process.env["BACKEND_URL"];
  if (backend === undefined || backend === "") {
    process.stderr.write("own storefront: cannot start, BACKEND_URL is missing\nfix: set it in storefront.env\n");
    return EX_CONFIG;
  }
  for (const [theirs, ours] of Object.entries(STARTER_NAMES)) process.env[theirs] ??= process.env[ours];
  mkdirSync("/tmp/next-cache", { recursive: true });
  const pages = await createPages(root);
  const shop = createShopServer({ pages, policy: POLICY, isReady: () => askBackend(backend, 1000) });
  shop.server.listen(Number(process.env["PORT"] ?? 3000), () => process.stderr.write("own storefront: listening\n"));
  stopGently(shop, { withinMs: 10_000 });
  return undefined;
}

process.exitCode = await main();
