// `./greenleaf bench nat`: the router beside plain forwarding, one MASQUERADE rule and a script that flushes and appends.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inside } from "../../scripts/lab/namespaces.ts";
import { counts, type Lab, openLab, whyNot } from "../nat/lab.ts";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const REAPPLIES = Number(process.env.BENCH_REAPPLIES ?? 1_000);
const FAULTS = Number(process.env.BENCH_FAULTS ?? 100);

const say = (text: string) => process.stdout.write(`${text}\n`);
const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
const at = (values: readonly number[], share: number) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
const median = (values: readonly number[]) => at(values, 0.5);
const spread = (values: readonly number[], digits = 2) =>
  `${median(values).toFixed(digits)} (${at(values, 0.25).toFixed(digits)} to ${at(values, 0.75).toFixed(digits)})`;

type Mode = "plain" | "one rule" | "greenleaf";

/** Loads one of the three ways to forward into router a; plain forwarding needs a way back that a VPC would not have. */
async function modes(lab: Lab): Promise<(mode: Mode) => Promise<void>> {
  const space = lab.router(0);
  const ours = await lab.inside(space, "iptables-save");
  await lab.run(lab.internet.namespace, "ip", "route", "add", "10.0.0.0/16", "via", lab.internet.gateway);
  await inside(lab.lab.vpc.namespace, ["nft", "flush", "chain", "ip", "leak", "post"]);
  const one = "*nat\n-A POSTROUTING -s 10.0.10.0/24 ! -d 10.0.0.0/16 -j MASQUERADE\nCOMMIT\n";
  return async (mode) => {
    await inside(space, ["nft", "flush", "ruleset"]);
    if (mode !== "plain") await inside(space, ["iptables-restore"], mode === "one rule" ? one : ours);
    await lab.run(space, "conntrack", "-F");
  };
}

async function throughput(lab: Lab, use: (mode: Mode) => Promise<void>): Promise<void> {
  lab.start(lab.internet.namespace, ["iperf3", "-s", "-D"]);
  await sleep(500);
  const rates: Record<Mode, number[]> = { plain: [], "one rule": [], greenleaf: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const mode of Object.keys(rates) as Mode[]) {
      await use(mode);
      const text = await lab.inside(lab.client(0), "iperf3", "-c", lab.internet.servers[0] ?? "", "-t", "1", "-J");
      const { end } = JSON.parse(text) as { end: { sum_received: { bits_per_second: number } } };
      rates[mode].push(end.sum_received.bits_per_second / 1e9);
    }
  }
  for (const mode of Object.keys(rates) as Mode[]) say(`throughput, ${mode}: ${spread(rates[mode])} Gbit/s`);
  say(`throughput, greenleaf / plain: ${(median(rates.greenleaf) / median(rates.plain)).toFixed(3)} (target 0.93)`);
  say(
    `throughput, greenleaf / one rule: ${(median(rates.greenleaf) / median(rates["one rule"])).toFixed(3)} (target 0.95)`,
  );
}

async function newFlows(lab: Lab, use: (mode: Mode) => Promise<void>): Promise<void> {
  const rates: Record<Mode, number[]> = { plain: [], "one rule": [], greenleaf: [] };
  const arrived = async () =>
    Number(await lab.inside(lab.internet.namespace, "cat", "/sys/class/net/eth0/statistics/rx_packets"));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const mode of Object.keys(rates) as Mode[]) {
      await use(mode);
      const before = await arrived();
      const burst = lab.node(lab.client(0), "new-flows.ts", "1000000", "1", ...lab.internet.servers.slice(1));
      await burst.ended;
      rates[mode].push((await arrived()) - before);
    }
  }
  for (const mode of Object.keys(rates) as Mode[])
    say(`new flows a second, ${mode}: ${spread(rates[mode], 0)} (one Node sender)`);
  say(
    `new flows, greenleaf / one rule: ${(median(rates.greenleaf) / median(rates["one rule"])).toFixed(3)} (target 0.95)`,
  );
}

/** One restore without a shell around it: what the agent's own spawn costs. */
function restored(space: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("ip", ["netns", "exec", space, "iptables-restore", "--noflush"], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`iptables-restore ended with ${code}`))));
    child.stdin.end(text);
  });
}

async function reapply(lab: Lab): Promise<void> {
  const rules = readFileSync(join(lab.roots[0] ?? "", "etc/greenleaf/nat/rules.v4"), "utf8");
  // What the agent loads when everything differs: chains declared anew, jumps deleted and put back.
  const text = rules.replaceAll(
    /^-([IA]) (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)( 1)? (-j .*)$/gm,
    "-D $2 $4\n-$1 $2$3 $4",
  );
  const flows = await lab.ready(
    lab.node(lab.client(0), "flows.ts", lab.internet.servers[0] ?? "", "300", "talk", "50"),
  );
  const burst = await lab.ready(
    lab.node(lab.client(0), "new-flows.ts", "8000", "100000", ...lab.internet.servers.slice(1)),
  );
  const before = await lab.leaked();
  const times: number[] = [];
  for (let turn = 0; turn < REAPPLIES; turn += 1) {
    const start = performance.now();
    await restored(lab.router(0), text);
    times.push(performance.now() - start);
  }
  const leaked = (await lab.leaked()) - before;
  const live = await counts(flows);
  say(
    `${REAPPLIES} re-applies under 8,000 new flows/s: ${leaked} packets untranslated, ${live.resets} of 300 live flows reset; ${spread(times, 1)} ms each (target 50), p99 ${at(times, 0.99).toFixed(1)}`,
  );
  const start = await lab.leaked();
  for (let turn = 0; turn < 10; turn += 1) {
    await lab.run(
      lab.router(0),
      "sh",
      "-c",
      "iptables -t nat -F POSTROUTING; iptables -t nat -A POSTROUTING -o ens6 -j MASQUERADE",
    );
  }
  say(`10 times flush, then append: ${(await lab.leaked()) - start} packets untranslated`);
  await burst.stop();
  await flows.stop();
}

const KINDS: Readonly<Record<string, readonly [string[], string[]]>> = {
  "link down": [
    ["ip", "link", "set", "ens6", "down"],
    ["ip", "link", "set", "ens6", "up"],
  ],
  "forwarding off": [
    ["sysctl", "-qw", "net.ipv4.ip_forward=0"],
    ["sysctl", "-qw", "net.ipv4.ip_forward=1"],
  ],
  "kernel drops forwarded packets": [
    ["iptables", "-t", "raw", "-I", "PREROUTING", "-j", "DROP"],
    ["iptables", "-t", "raw", "-D", "PREROUTING", "-j", "DROP"],
  ],
  "address lost": [["ip", "address", "flush", "dev", "ens6"], ["true"]],
  "route lost": [
    ["ip", "route", "replace", "blackhole", "default", "table", "7100"],
    ["ip", "route", "flush", "table", "7100"],
  ],
  "outbound dropped": [
    ["iptables", "-I", "OUTPUT", "-o", "ens6", "-j", "DROP"],
    ["iptables", "-D", "OUTPUT", "-o", "ens6", "-j", "DROP"],
  ],
};

/** Each fault comes with the death of the agent: with it alive most would be mended before anybody noticed. */
async function failover(lab: Lab): Promise<void> {
  const pair = await lab.startPair({ stableMs: 1_500 });
  const detections: number[] = [];
  const gaps: number[] = [];
  let lost = 0;
  let agent = pair.agents[1];
  const until = async (what: string, isSo: () => boolean) => {
    for (let tries = 0; tries < 3_000 && !isSo(); tries += 1) await sleep(10);
    if (!isSo()) say(`waited in vain for ${what}: ${JSON.stringify(lab.status(0))}`);
  };
  await until("both proven", () => [0, 1].every((index) => lab.status(index as 0 | 1)?.peer?.state === "proven"));
  for (let turn = 0; turn < FAULTS; turn += 1) {
    const [kind = "", [breaks, mends] = [[], []]] = Object.entries(KINDS)[turn % Object.keys(KINDS).length] ?? [];
    const flows = await lab.ready(
      lab.node(lab.client(1), "flows.ts", lab.internet.servers[0] ?? "", "50", "talk", "20"),
    );
    await sleep(1_500);
    await counts(flows, "zero");
    const start = performance.now();
    agent?.child.kill("SIGKILL");
    await lab.run(
      lab.router(1),
      "sh",
      "-c",
      "kill -9 $(ip netns pids $0 | grep -v $$) 2>/dev/null; true",
      lab.router(1),
    );
    await lab.run(lab.router(1), ...breaks);
    await until(`a take-over after ${kind}`, () => lab.status(0)?.zones[1]?.isServed === true);
    detections.push(performance.now() - start);
    await sleep(4_000);
    const counted = await counts(flows);
    lost += counted.resets + counted.silent;
    gaps.push(counted.longestGapMs);
    await flows.stop();
    await lab.run(lab.router(1), ...mends);
    agent = pair.serve(1);
    await until(
      "the hand-back",
      () => lab.status(0)?.zones[1]?.isServed === false && lab.status(1)?.zones[0]?.isServed === true,
    );
    await until("both proven", () => [0, 1].every((index) => lab.status(index as 0 | 1)?.peer?.state === "proven"));
  }
  say(
    `${FAULTS} faults of ${Object.keys(KINDS).length} kinds: fault to zone served p50 ${median(detections).toFixed(0)} ms, p99 ${at(detections, 0.99).toFixed(0)} ms (target 2,000)`,
  );
  say(
    `longest gap of 50 established flows: p50 ${median(gaps).toFixed(0)} ms, worst ${Math.max(...gaps).toFixed(0)} ms; ${lost} flows lost`,
  );
}

const missing = whyNot(["iperf3", "iperf3"]);
if (missing !== undefined) {
  say(`skipped: ${missing}`);
} else {
  const lab = await openLab("bench");
  try {
    await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
    const start = performance.now();
    await lab.agent(0, "nat", "apply");
    say(
      `agent start to first translated packet: ${(performance.now() - start).toFixed(0)} ms from sources (target 1,000)`,
    );
    await reapply(lab);
    await lab.agent(0, "nat", "apply", "--no-probe");
    if (FAULTS > 0) await failover(lab);
    const use = await modes(lab);
    await throughput(lab, use);
    await newFlows(lab, use);
  } finally {
    await lab.remove();
  }
}
