import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { type Load, startLoad } from "../../rollout/load.ts";
import { newSmallShop, type SmallShop } from "../../rollout/small-shop.ts";
import { quantile } from "../../support/quantile.ts";

/** Requests a second: GET, and POST with bodies of up to 40 kB; half of them take 400 ms. A busy machine bears fewer. */
export const RATE = Number(process.env.BENCH_RATE ?? 200);
/** Before and after what is measured. */
const AROUND_MS = 2_000;
const SHOWN = 10;

export interface Sent {
  readonly sent: number;
  readonly failures: readonly string[];
  readonly latencies: readonly number[];
}

/** Runs a deed under load. What failed is told with Caddy's own words for it. */
export async function underLoad(shop: SmallShop, deed: (load: Load) => Promise<void>): Promise<Sent> {
  const load = startLoad(shop.port, RATE);
  try {
    await sleep(AROUND_MS);
    await deed(load);
    await sleep(AROUND_MS);
  } catch (error) {
    await explain(shop, load);
    throw error;
  } finally {
    await load.stop();
  }
  const { failures, latencies } = load;
  return { sent: load.sent(), failures, latencies };
}

/** A shop that serves, for as long as a part needs it. */
export async function withShop<Value>(project: string, use: (shop: SmallShop) => Promise<Value>): Promise<Value> {
  const shop = await newSmallShop(project);
  try {
    return await use(shop);
  } finally {
    await shop.remove();
  }
}

/** Failures in a few words, and what Caddy says of them. */
export async function explain(shop: SmallShop, { failures }: Pick<Sent, "failures">): Promise<void> {
  if (failures.length === 0) return;
  const words = failures.map((failure) => failure.split("<")[0] ?? "");
  console.error(`${failures.length} failed, such as: ${[...new Set(words)].slice(0, SHOWN).join(" | ")}`);
  const name = Object.keys(await shop.containers()).find((one) => one.includes("-caddy-"));
  if (name === undefined) return;
  const log = execFileSync("docker", ["logs", "--tail", "50000", name], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  for (const line of log
    .split("\n")
    .filter((one) => one.includes('"level":"error"'))
    .slice(-SHOWN))
    console.error(line.slice(0, 400));
}

export const failedOf = ({ failures, sent }: Sent): string =>
  `${failures.length} of ${sent.toLocaleString("en")} failed`;

/** In milliseconds. */
export const p99 = ({ latencies }: Sent): string => `p99 ${quantile(latencies, 0.99).toFixed(0)} ms`;
