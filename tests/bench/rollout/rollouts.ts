import { execFileSync } from "node:child_process";
import type { SmallShop } from "../../rollout/small-shop.ts";
import { median } from "../../support/quantile.ts";
import { type Row, spread } from "../nat/table.ts";
import { explain, failedOf, p99, underLoad, withShop } from "./measured.ts";

const BEYOND_S = 2;

/** Backend and storefront replaced so often under load, each start-first. */
export function rollouts(project: string, rounds: number): Promise<Row[]> {
  return withShop(project, async (shop) => {
    await shop.apply({});
    const flips: number[] = [];
    const wholes: number[] = [];
    const sent = await underLoad(shop, async (load) => {
      for (let round = 1; round <= rounds; round += 1) {
        for (const [service, seconds] of await timedRollout(shop, `v${round}`)) {
          (service === "whole" ? wholes : flips).push(seconds);
        }
        console.error(`round ${round}: ${load.failures.length} failed of ${load.sent()}`);
      }
    });
    await explain(shop, sent);
    const alone = aloneSeconds(project);
    const beyond = median(flips) - alone;
    return [
      {
        what: `${rounds} rounds of two rollouts`,
        measured: `${failedOf(sent)}, ${p99(sent)}`,
        target: "0 failed",
        isHeld: sent.failures.length === 0,
      },
      {
        what: "a service's new container made, until it serves",
        measured: `${spread(flips)} s`,
        target: `${BEYOND_S} s beyond its own start (${alone.toFixed(2)} s): ${beyond.toFixed(2)} s`,
        isHeld: beyond <= BEYOND_S,
      },
      { what: "both services, until the old containers are gone", measured: `${spread(wholes)} s` },
    ];
  });
}

/** Seconds of one release: for each service from `create` to the flip, and for the whole. */
async function timedRollout(shop: SmallShop, VERSION: string): Promise<Array<["flip" | "whole", number]>> {
  const began = performance.now();
  const found: Array<["flip" | "whole", number]> = [];
  let created = began;
  await shop.apply({ backend: { VERSION }, storefront: { VERSION } }, (operation) => {
    if (operation.startsWith("create")) created = performance.now();
    // Told before it is awaited: what is watched next has been reached.
    if (operation.startsWith("watch")) found.push(["flip", (performance.now() - created) / 1000]);
  });
  return [...found, ["whole", (performance.now() - began) / 1000]];
}

/** The same program in a container of its own, from `docker run` until its port is open: the median of five. */
function aloneSeconds(project: string): number {
  const image = "greenleaf/node:local";
  const program = `const{createServer:c}=require("node:http");setTimeout(()=>c(()=>0).listen(3000,()=>process.exit(0)),500)`;
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now();
    execFileSync("docker", [
      "run",
      "--rm",
      "--name",
      `${project}-alone`,
      "--entrypoint",
      "/usr/local/bin/node",
      image,
      "-e",
      program,
    ]);
    return (performance.now() - began) / 1000;
  });
  return median(times);
}
