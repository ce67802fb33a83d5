import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";
import { type LocalWorld, optionsFor, shopUrl } from "./world.ts";

/** Of a storefront that is not ours, and of shelves without the demo, nobody knows what the home page shows. */
export type FrontPage = "prices" | "any";

/** Waits until the home page shows a product with its price: what a customer would call "open". */
export function waitForFrontPage(world: LocalWorld, shown: FrontPage): Promise<void> {
  const fix = `see ./greenleaf logs${optionsFor(world)}`;
  const wait = {
    what: `${shown === "any" ? "the page" : "a price"} on ${shopUrl(world)}`,
    withinMs: 60_000,
    everyMs: 500,
    fix,
  };
  return until(systemClock, wait, async () => {
    try {
      const response = await fetch(shopUrl(world), { signal: AbortSignal.timeout(10_000) });
      const page = await response.text();
      if (response.ok && shown === "any") return done(undefined);
      if (response.ok && /\d[.,]\d\d\s*€|€\s*\d/.test(page)) return done(undefined);
      return pending(`status ${response.status}, a page of ${page.length} characters without a price`);
    } catch (error) {
      return pending(error instanceof Error ? error.message : String(error));
    }
  });
}
