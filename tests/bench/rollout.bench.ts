// `./greenleaf bench rollout [PART...] [--rounds N]`: the agent's rollouts under load beside `docker compose up -d` and scale-and-stop.
import { cpus, loadavg } from "node:os";
import { UsageError } from "../../node-agent/src/base/errors.ts";
import { whyNoFront } from "../safe/front.ts";
import { prefixReaper } from "../support/reaper.ts";
import { type Row, tableOf } from "./nat/table.ts";
import { caddies } from "./rollout/caddies.ts";
import { deadDaemon } from "./rollout/dead-daemon.ts";
import { RATE } from "./rollout/measured.ts";
import { peers } from "./rollout/peers.ts";
import { realRollouts } from "./rollout/real-shop.ts";
import { rollouts } from "./rollout/rollouts.ts";
import { streams } from "./rollout/streams.ts";

const PROJECT = `gl-bench-roll-${process.pid}`;
const ROUNDS = 50;

/** Each makes a shop of its own, and is given how often it repeats. */
const PARTS: Readonly<Record<string, (project: string, rounds: number) => Promise<Row[]>>> = {
  rollouts,
  peers,
  streams,
  caddy: caddies,
  daemon: deadDaemon,
  // `shop` is a group of its own.
  real: realRollouts,
};

const { parts, rounds } = asked(process.argv.slice(2));
const missing = await whyNoFront();
if (missing !== undefined) throw new Error(`bench rollout ${missing}`);
const reaper = prefixReaper(PROJECT);
const rows: Row[] = [];
try {
  for (const part of parts) {
    const before = loadavg()[0]?.toFixed(1);
    const found = (await PARTS[part]?.(`${PROJECT}-${part}`, rounds)) ?? [];
    console.error(`${part}: load ${before} before, ${loadavg()[0]?.toFixed(1)} after, on ${cpus().length} cores`);
    rows.push(...found);
  }
} finally {
  await reaper.finish();
}
console.log(`${RATE} requests a second, open loop, no retries\n\n${tableOf(rows)}`);
process.exitCode = rows.some(({ isHeld }) => isHeld === false) ? 1 : 0;

function asked(argv: readonly string[]): { parts: readonly string[]; rounds: number } {
  const given = argv.find((word) => word.startsWith("--rounds="))?.slice("--rounds=".length);
  const names = argv.filter((word) => !word.startsWith("--"));
  const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length === 0)
    return { parts: names.length > 0 ? names : Object.keys(PARTS), rounds: Number(given ?? ROUNDS) };
  throw new UsageError(`bench rollout has no part ${unknown.join(", ")}`, {
    code: "usage.bench",
    why: `it has ${Object.keys(PARTS).join(", ")}`,
    fix: "sudo ./greenleaf bench rollout runs them all, in about an hour and a half",
  });
}
