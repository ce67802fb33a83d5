import type { Row } from "../nat/table.ts";
import { explain, failedOf, p99, underLoad, withShop } from "./measured.ts";

const TIMES = 20;

/** Caddy itself replaced, its port of the machine with it. */
export function caddies(project: string, rounds: number): Promise<Row[]> {
  const times = Math.min(TIMES, rounds);
  return withShop(project, async (shop) => {
    await shop.apply({});
    const sent = await underLoad(shop, async () => {
      for (let time = 1; time <= times; time += 1) await shop.apply({ caddy: { VERSION: `v${time}` } });
    });
    await explain(shop, sent);
    const each = sent.failures.length / times;
    return [
      {
        what: `${times} replacements of Caddy`,
        measured: `${failedOf(sent)} (${each.toFixed(0)} each), ${p99(sent)}`,
        target: "0 failed",
        isHeld: each === 0,
      },
    ];
  });
}
