import { join } from "node:path";
import { faultOf, loadAll, recorded, SCENARIOS, stallsOf } from "../safe/boot-stalls.ts";
import { startDaemon } from "../safe/daemon.ts";
import { startFront, whyNoFront } from "../safe/front.ts";
import { fuzzListener, healthOf } from "../safe/fuzz-listeners.ts";

/** Of each listener of the agent, and of Caddy in front of it. */
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 25_000);
const SEED = Number(process.env.BENCH_SEED ?? 1);

/** Long trials by name: `bench safe fuzz` runs one alone. */
const PARTS: Readonly<Record<string, () => Promise<boolean>>> = { fuzz, stalls };

/** Requests that nobody means through every listener: the process that hears them stays the same. */
async function fuzz(): Promise<boolean> {
  const daemon = await startDaemon();
  const pid = daemon.pid();
  const missing = await whyNoFront();
  const front = missing ? undefined : await startFront({ agent: join(daemon.node.root, "run/greenleaf/agent") });
  if (missing) process.stdout.write(`Caddy: skipped, ${missing}\n`);
  try {
    const places = Object.entries({
      ...daemon.listeners,
      ...(front ? { Caddy: { port: front.port, host: "127.0.0.1" } } : {}),
    });
    let isHeld = true;
    for (const [index, [name, where]] of places.entries()) {
      const start = performance.now();
      const answers = await fuzzListener(where, { seed: SEED + index, count: REQUESTS });
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      const isSame = (await healthOf(where)) === 503 && daemon.pid() === pid;
      const counts = [...answers]
        .toSorted(([a], [b]) => a - b)
        .map(([status, count]) => `${status || "none"} ${count}`);
      process.stdout.write(
        `${name}: ${REQUESTS} requests of seed ${SEED + index} in ${seconds} s: ${counts.join(", ")}; ` +
          `the agent ${isSame ? `is process ${pid} still` : "IS ANOTHER PROCESS, OR DOES NOT ANSWER"}\n`,
      );
      isHeld &&= isSame;
    }
    const state = await front?.caddy.state();
    return isHeld && (state === undefined || state.Status === "running");
  } finally {
    await front?.stop();
    await daemon.stop();
  }
}

/** Every call of every kind of boot never answers, alone, from there on, and as a function. */
async function stalls(): Promise<boolean> {
  await loadAll();
  let isHeld = true;
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    const { calls } = await recorded(scenario);
    const all = stallsOf(calls);
    const faults: string[] = [];
    for (const stall of all) faults.push((await faultOf(scenario, stall)) ?? "");
    const found = faults.filter((fault) => fault !== "");
    process.stdout.write(
      `${name}: ${calls.length} calls, ${all.length} stalls, ${found.length} without an end in time\n`,
    );
    for (const fault of found) process.stdout.write(`  ${fault}\n`);
    isHeld &&= found.length === 0;
  }
  return isHeld;
}

const wanted = process.argv.slice(2);
const chosen = Object.entries(PARTS).filter(([name]) => wanted.length === 0 || wanted.includes(name));
const held: boolean[] = [];
for (const [, run] of chosen) held.push(await run());
process.exitCode = held.length > 0 && held.every(Boolean) ? 0 : 1;
