import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, startAgent } from "../../support/agent-process.ts";
import { quantile } from "../../support/quantile.ts";
import type { Row } from "../nat/table.ts";
import { explain, failedOf, p99, underLoad, withShop } from "./measured.ts";

const SECONDS = Number(process.env.BENCH_SECONDS ?? 120);
const P99_MS = 100;
/** What half of the requests take by themselves (tests/rollout/app.js). */
const SLOW_MS = 400;

/** The node's daemon is killed and nobody starts it again. */
export function deadDaemon(project: string): Promise<Row[]> {
  return withShop(project, async (shop) => {
    await shop.apply({});
    const folder = join(shop.folder, "etc/greenleaf");
    mkdirSync(folder, { recursive: true });
    const nowhere = "http://127.0.0.1:9";
    writeFileSync(
      join(folder, "node.json"),
      JSON.stringify({
        version: 1,
        project,
        environment: "dev",
        role: "app",
        parameters: "/greenleaf/dev",
        release: "file:///none",
        endpoints: { imds: nowhere, aws: nowhere },
      }),
    );
    const port = await freePort();
    const daemon = startAgent(["serve", "--root", shop.folder, "--port", String(port)]);
    const isLive = () =>
      fetch(`http://127.0.0.1:${port}/livez`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isLive())) await sleep(100);
    const alive = await underLoad(shop, () => sleep((SECONDS / 4) * 1_000));
    daemon.child.kill("SIGKILL");
    await daemon.ended;
    const dead = await underLoad(shop, () => sleep(SECONDS * 1_000));
    await explain(shop, dead);
    // Half of them take 400 ms: the other half says what is added.
    const fast = (latencies: readonly number[]) => latencies.filter((ms) => ms < SLOW_MS);
    const added = quantile(fast(dead.latencies), 0.98);
    const before = quantile(fast(alive.latencies), 0.98);
    return [
      {
        what: `daemon dead for ${SECONDS} s`,
        measured: `${failedOf(dead)}, ${p99(dead)}, of the fast half ${added.toFixed(0)} ms; alive ${p99(alive)}, ${before.toFixed(0)} ms`,
        target: `0 failed, p99 ${P99_MS} ms`,
        isHeld: dead.failures.length === 0 && added <= P99_MS,
      },
    ];
  });
}
