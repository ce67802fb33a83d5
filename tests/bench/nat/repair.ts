import { setTimeout as sleep } from "node:timers/promises";
import { watchHandLab } from "../../nat/hand-lab.ts";
import type { Lab } from "../../nat/lab.ts";
import { type Row, spread } from "./table.ts";

/** What a hand deletes: translation itself, the way into the chains, and the closed door. */
const DELETIONS = [
  ["-t", "nat", "-F", "GREENLEAF-NAT"],
  ["-t", "nat", "-D", "POSTROUTING", "-j", "GREENLEAF-NAT"],
  ["-D", "FORWARD", "-j", "GREENLEAF-FORWARD"],
  ["-D", "GREENLEAF-INPUT", "-j", "DROP"],
] as const;

/** From the deletion of a rule until all rules are there again, by the daemon of a router. */
export async function repair(lab: Lab, times: number): Promise<Row[]> {
  await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
  await lab.agent(0, "nat", "apply");
  lab.startAgent(0, ["serve", "--port", "0"]);
  for (let tries = 0; tries < 200 && lab.status(0)?.probe.isProven !== true; tries += 1) await sleep(50);
  const rules = async () => (await lab.inside(lab.router(0), "iptables-save")).replaceAll(/^#.*\n|\[\d+:\d+\]/gm, "");
  const whole = await rules();
  const taken: number[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    await lab.run(lab.router(0), "iptables", ...(DELETIONS[turn % DELETIONS.length] ?? []));
    const start = performance.now();
    while ((await rules()) !== whole && performance.now() - start < 10_000) await sleep(10);
    taken.push(performance.now() - start);
    // The agent looks at its rules in a rhythm of its own; deletions must not fall into step with it.
    await sleep(500 + (turn % 7) * 61);
  }
  return [
    {
      what: `a rule deleted by hand is back, ms, ${times} times`,
      measured: `${spread(taken, 0)}, worst ${Math.max(...taken).toFixed(0)}`,
      target: "<= 1,000",
      isHeld: Math.max(...taken) <= 1_000,
    },
  ];
}

/** `./greenleaf lab vpc up` to a proven pair, and how far its live picture is behind what it shows. */
export async function handLab(_: Lab, times: number): Promise<Row[]> {
  const runs = [];
  for (let turn = 0; turn < times; turn += 1) runs.push(await watchHandLab(`hand-${process.pid}`));
  const ups = runs.map(({ upMs }) => upMs / 1000);
  const lags = runs.flatMap((run) => run.lags);
  const worst = lags.toSorted((a, b) => b.ms - a.ms)[0];
  return [
    {
      what: `lab vpc up, s, ${times} times`,
      measured: `${spread(ups, 1)}, worst ${Math.max(...ups).toFixed(1)}`,
      target: "<= 30",
      isHeld: Math.max(...ups) <= 30,
    },
    {
      what: `the live picture behind ${lags.length} changes, ms (worst: ${worst?.what})`,
      measured: `${spread(
        lags.map(({ ms }) => ms),
        0,
      )}, worst ${worst?.ms.toFixed(0)}`,
      target: "<= 1,000",
      isHeld: (worst?.ms ?? 0) <= 1_000,
    },
  ];
}
