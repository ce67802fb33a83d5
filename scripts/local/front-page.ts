import { systemClock } from "../../node-agent/src/adapters/clock.ts";
import { done, notYet, until } from "../../node-agent/src/core/retry.ts";
import { type LocalWorld, shopUrl } from "./world.ts";

/** Waits until the home page shows a product with its price: what a customer would call "open". */
export function waitForFrontPage(world: LocalWorld): Promise<void> {
  const wait = { what: `a price on ${shopUrl(world)}`, withinMs: 60_000, everyMs: 500, fix: "see ./greenleaf logs" };
  return until(systemClock, wait, async () => {
    try {
      const response = await fetch(shopUrl(world), { signal: AbortSignal.timeout(10_000) });
      const page = await response.text();
      if (response.ok && /\d[.,]\d\d\s*€|€\s*\d/.test(page)) return done(undefined);
      return notYet(`status ${response.status}, a page of ${page.length} characters without a price`);
    } catch (error) {
      return notYet(error instanceof Error ? error.message : String(error));
    }
  });
}
