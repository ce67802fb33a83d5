import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { counts, type Lab } from "../../nat/lab.ts";
import { random } from "../../support/random.ts";
import type { Row } from "./table.ts";

/** Targets of the probes die and come back, one, two or all three at a time, for moments or for seconds: no zone may move. */
export async function soak(lab: Lab, seconds: number): Promise<Row[]> {
  await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
  const pair = await lab.startPair();
  const flows = await lab.ready(lab.node(lab.client(1), "flows.ts", lab.internet.servers[3] ?? "", "50", "talk", "50"));
  const end = performance.now() + seconds * 1000;
  const targets = lab.internet.servers.slice(0, 3);
  const set = (action: string, server: string) =>
    lab.run(lab.lab.vpc.namespace, "ip", "rule", action, "priority", "51", "to", server, "blackhole");
  const next = random(20_263);
  let turns = 0;
  while (performance.now() < end) {
    const dead = targets.slice(0, 1 + (turns % 3));
    for (const server of dead) await set("add", server);
    // Shorter and longer than the rounds of probes, and than the time after which a verdict is beyond doubt.
    await sleep(next() < 0.5 ? next() * 800 : next() * 6_000);
    for (const server of dead) await set("delete", server);
    await sleep(200 + next() * 2_000);
    turns += 1;
  }
  const moves = (await pair.cloud({ order: "state" })).calls.filter(({ action }) => action === "ReplaceRoute").length;
  const { resets, silent } = await counts(flows);
  return [
    {
      what: `${seconds} s with one, two and three dead targets in turn (${turns} times, 0 to 6 s each): moves of a zone, flows lost`,
      measured: `${moves}, ${resets + silent}`,
      target: "0, 0",
      isHeld: moves + resets + silent === 0,
    },
  ];
}

/** What the daemon of a pair takes while its kernel carries 50,000 flows. */
export async function memory(lab: Lab, seconds: number): Promise<Row[]> {
  await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
  const { agents } = await lab.startPair();
  const senders = [0, 1, 2].map((index) =>
    lab.node(lab.client(1), "one-destination.ts", `10.0.11.${10 + index}`, lab.internet.servers[1] ?? "", "8", "16500"),
  );
  await Promise.all(senders.map((sender) => sender.ended));
  await sleep(seconds * 1000);
  const peak = Math.max(...agents.map(({ child }) => peakOf(child.pid)));
  return [
    {
      what: "daemon of a pair with 50,000 flows, peak MB",
      measured: peak.toFixed(1),
      target: "<= 72",
      isHeld: peak <= 72,
    },
  ];
}

const peakOf = (pid: number | undefined): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
