import { setTimeout as sleep } from "node:timers/promises";
import { startVisitors, type Visitors } from "../../rollout/visitors.ts";
import type { Store } from "../../shop/store-order.ts";
import { quantile } from "../../support/quantile.ts";
import { type Row, spread } from "../nat/table.ts";
import { type RealShop, withRealShop } from "./real-world.ts";

/** Fewer rounds are a look only. */
const ENOUGH = { rounds: 10, requests: 10_000 };
/** Visitors a second, tried one after another; each sends some six requests. */
const STEPS = [0.5, 1, 1.5, 2, 3, 4, 6, 8];
const STEP_MS = 30_000;
/** A shop that makes one in twenty wait longer is past its knee. */
const WAITS_MS = 2_000;

/** The real Medusa and storefront: images, secrets and Caddy replaced while customers browse, fill carts and buy. */
export function realRollouts(project: string, rounds: number): Promise<Row[]> {
  return withRealShop(project, async (shop) => {
    const knee = Number(process.env.BENCH_KNEE ?? (await kneeOf(shop.store)));
    const visitors = startVisitors(shop.store, knee / 2);
    const seconds = await replaced(shop, { visitors, rounds });
    for (const failure of visitors.failures.slice(0, 10)) console.error(failure);
    const lost = visitors.failures.length + visitors.shed();
    const sent = visitors.sent().toLocaleString("en");
    const p99 = quantile(visitors.latencies, 0.99).toFixed(0);
    return [
      {
        what: `${seconds.length} rollouts of the real shop, ${visitors.orders()} orders, at half of ${knee} visitors a second`,
        measured: `${visitors.failures.length} failed and ${visitors.shed()} sent away of ${sent}, p99 ${p99} ms`,
        target: "0 of 10,000",
        isHeld: lost === 0 && (rounds < ENOUGH.rounds || visitors.sent() >= ENOUGH.requests),
      },
      { what: "a rollout of the real shop", measured: `${spread(seconds, 0)} s` },
    ];
  });
}

/** Goes through the kinds of rollout in turn, until enough was asked or all rounds are over. Gives the seconds of each. */
async function replaced(
  { changes }: RealShop,
  { visitors, rounds }: { visitors: Visitors; rounds: number },
): Promise<number[]> {
  try {
    return await inTurn(changes, { visitors, rounds });
  } finally {
    await visitors.stop();
  }
}

async function inTurn(
  changes: RealShop["changes"],
  { visitors, rounds }: { visitors: Visitors; rounds: number },
): Promise<number[]> {
  const kinds = Object.entries(changes);
  const seconds: number[] = [];
  const isEnough = () =>
    seconds.length >= rounds || (seconds.length >= ENOUGH.rounds && visitors.sent() >= ENOUGH.requests);
  while (!isEnough()) {
    const [kind, change] = kinds[seconds.length % kinds.length] ?? [];
    const began = performance.now();
    await change?.();
    seconds.push((performance.now() - began) / 1_000);
    const told = `${visitors.failures.length} failed, ${visitors.shed()} sent away of ${visitors.sent()}`;
    console.error(`rollout ${seconds.length}, ${kind}: ${seconds.at(-1)?.toFixed(0)} s, ${told}`);
  }
  return seconds;
}

/** The most visitors a second of whom all are served, and nearly all at once. */
async function kneeOf(store: Store): Promise<number> {
  let knee = STEPS[0] ?? 1;
  for (const perSecond of STEPS) {
    const visitors = startVisitors(store, perSecond);
    await sleep(STEP_MS);
    await visitors.stop();
    const slow = quantile(visitors.latencies, 0.95);
    const isServed = visitors.failures.length + visitors.shed() === 0 && slow <= WAITS_MS;
    console.error(`${perSecond} visitors a second: ${visitors.sent()} requests, 95 % within ${slow.toFixed(0)} ms`);
    if (!isServed) break;
    knee = perSecond;
  }
  return knee;
}
