import path from "node:path";
import { parseSettings } from "../src/settings.ts";
import { createPages } from "./pages.ts";
import { askBackend } from "./readiness.ts";
import { closedPolicy, createShopServer } from "./shop-server.ts";
import { stopGently } from "./stop.ts";

const EX_CONFIG = 78;
const root = path.resolve(import.meta.dirname, "..");

async function main(): Promise<number | undefined> {
  const parsed = parseSettings(process.env);
  if ("problems" in parsed) {
    process.stderr.write(explain(parsed.problems));
    return EX_CONFIG;
  }
  const pages = await createPages(root);
  const { backendUrl, mediaUrl } = parsed.settings;
  const shop = createShopServer({
    pages,
    policy: closedPolicy(mediaUrl),
    isReady: () => askBackend(backendUrl, 1000),
  });
  shop.server.listen(Number(process.env["PORT"] ?? 3000), () => process.stderr.write("storefront: listening\n"));
  stopGently(shop, { withinMs: 10_000 });
  return undefined;
}

function explain(problems: readonly string[]): string {
  const what = `storefront: cannot start, ${problems.length} of its settings are missing or wrong\n`;
  return `${what}${problems.map((problem) => `  ${problem}\n`).join("")}fix: correct these names in storefront.env\n`;
}

process.exitCode = await main();
