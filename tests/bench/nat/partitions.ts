import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../../nat/lab.ts";
import { random } from "../../support/random.ts";
import type { Row } from "./table.ts";
import { Watch } from "./watch.ts";

type Pair = Awaited<ReturnType<Lab["startPair"]>>;

/** Ways two routers can be cut off; several at once make a partition. */
const CUTS = ["each other", "a from AWS", "b from AWS", "a from the internet", "b from the internet"] as const;
type Cut = (typeof CUTS)[number];

/** Random cuts with real packets; a zone translated by two routers at the same instant is what must never be seen. */
export async function partitions(lab: Lab, times: number): Promise<Row[]> {
  await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
  const pair = await lab.startPair({ stableMs: 1_000 });
  await lab.ready(lab.node(lab.client(1), "udp-gap.ts", lab.internet.servers[0] ?? ""));
  const next = random(20_261);
  const moves = async () =>
    (await pair.cloud({ order: "state" })).calls.filter(({ action }) => action === "ReplaceRoute").length;
  const watch = new Watch(lab.lab, async () => String(await moves()));
  const watching = watch.run();
  let lonely = 0;
  for (let turn = 0; turn < times; turn += 1) {
    const cuts = CUTS.filter(() => next() < 0.4);
    await set(lab, pair, cuts);
    await sleep(2_000 + next() * 5_000);
    await set(lab, pair, []);
    // What a cut left behind heals within a term of the lease.
    for (let tries = 0; tries < 150 && !isWhole(lab); tries += 1) await sleep(100);
    if (!isWhole(lab)) lonely += 1;
  }
  watch.end();
  await watching;
  const moved = await moves();
  return [
    {
      what: `${times} random partitions with real packets, ${watch.samples} looks at who translates zone b, ${moved} moves of a route: looks with two at once`,
      measured: String(watch.together),
      target: "0",
      isHeld: watch.together === 0,
    },
    {
      what: "partitions after which a zone stayed without its router for 15 s",
      measured: String(lonely),
      target: "0",
      isHeld: lonely === 0,
    },
    {
      what: "longest time without any, both cut off from the internet included, s",
      measured: watch.longestIdleSeconds.toFixed(1),
    },
    {
      what: "untranslated packets",
      measured: String(await lab.leaked()),
      target: "0",
      isHeld: (await lab.leaked()) === 0,
    },
  ];
}

const isWhole = (lab: Lab): boolean =>
  ([0, 1] as const).every((index) => {
    const [home, peer] = lab.status(index)?.zones ?? [];
    return home?.isServed === true && peer?.isServed === false && lab.status(index)?.probe.isProven === true;
  });

async function set(lab: Lab, { cloud }: Pair, cuts: readonly Cut[]): Promise<void> {
  const has = (cut: Cut) => cuts.includes(cut);
  const faults = [0, 1].flatMap((router) =>
    has(router === 0 ? "a from AWS" : "b from AWS") ? [{ action: "*", kind: "silent", router }] : [],
  );
  await cloud({ order: "faults", faults });
  const [a, b] = lab.lab.zones;
  await lab.run(lab.lab.vpc.namespace, "sh", "-c", "while ip rule delete priority 50 2>/dev/null; do :; done");
  const servers = "198.51.100.2/31";
  const rules = [
    ...(has("each other")
      ? [`from ${a.nat.address} to ${b.nat.address}`, `from ${b.nat.address} to ${a.nat.address}`]
      : []),
    ...(has("a from the internet") ? [`iif e-r1n to ${servers}`] : []),
    ...(has("b from the internet") ? [`iif e-r2n to ${servers}`] : []),
  ];
  for (const rule of rules)
    await lab.run(lab.lab.vpc.namespace, "ip", "rule", "add", "priority", "50", ...rule.split(" "), "blackhole");
}
