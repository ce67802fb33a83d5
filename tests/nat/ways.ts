import { inside } from "../../scripts/lab/namespaces.ts";
import type { Lab } from "./lab.ts";

/** Three ways to forward: no translation at all, a single rule, and this agent's whole rule set. */
export const WAYS = ["plain", "one rule", "greenleaf"] as const;
export type Way = (typeof WAYS)[number];

const ONE_RULE = "*nat\n-A POSTROUTING -s 10.0.10.0/24 ! -d 10.0.0.0/16 -j MASQUERADE\nCOMMIT\n";

/** Loads a way into router a, its flows forgotten. Plain forwarding gets a way back that a VPC would not have. */
export async function waysOf(lab: Lab): Promise<(way: Way) => Promise<void>> {
  const space = lab.router(0);
  const ours = await lab.inside(space, "iptables-save");
  await lab.inside(lab.internet.namespace, "ip", "route", "replace", "10.0.0.0/16", "via", lab.internet.gateway);
  await inside(lab.lab.vpc.namespace, ["nft", "flush", "chain", "ip", "leak", "post"]);
  const barriers = await Promise.all(DEVICES.map(async (device) => [device, await barrierOf(lab, device)] as const));
  return async (way) => {
    await inside(space, ["nft", "flush", "ruleset"]);
    for (const device of DEVICES) await lab.run(space, "tc", "qdisc", "delete", "dev", device, "clsact");
    if (way === "greenleaf") for (const [device, program] of barriers) await putBarrier(lab, device, program);
    if (way !== "plain") await inside(space, ["iptables-restore"], way === "greenleaf" ? ours : ONE_RULE);
    await lab.run(space, "conntrack", "-F");
  };
}

const DEVICES = ["ens5", "ens6"] as const;

async function barrierOf(lab: Lab, device: string): Promise<string> {
  const text = await lab.inside(lab.router(0), "tc", "filter", "show", "dev", device, "egress");
  return /bytecode '(.*)'/.exec(text)?.[1] ?? "";
}

async function putBarrier(lab: Lab, device: string, program: string): Promise<void> {
  const tc = (...args: string[]) => lab.inside(lab.router(0), "tc", ...args);
  await tc("qdisc", "add", "dev", device, "clsact");
  const place = ["egress", "protocol", "all", "pref", "1", "handle", "1", "bpf", "da", "bytecode", program];
  await tc("filter", "add", "dev", device, ...place);
}

/** Rates of each way, measured in turns so that what else the machine does meets all of them. */
export async function interleaved(
  use: (way: Way) => Promise<void>,
  rounds: number,
  measure: () => Promise<number>,
): Promise<Record<Way, number[]>> {
  const rates: Record<Way, number[]> = { plain: [], "one rule": [], greenleaf: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of WAYS) {
      await use(way);
      rates[way].push(await measure());
    }
  }
  return rates;
}

/** Gbit/s of one TCP stream from the client through the router, over whole `seconds`. */
export async function throughput(lab: Lab, seconds: number): Promise<number> {
  const server = lab.internet.servers[0] ?? "";
  const text = await lab.inside(lab.client(0), "iperf3", "-c", server, "-t", String(seconds), "-J");
  const { end } = JSON.parse(text) as { end: { sum_received: { bits_per_second: number } } };
  return end.sum_received.bits_per_second / 1e9;
}

export async function startThroughputServer(lab: Lab): Promise<void> {
  const server = lab.start(lab.internet.namespace, ["iperf3", "-s", "--forceflush"]);
  for (let tries = 0; tries < 200 && !server.output().includes("listening"); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
}
