import type { Lab } from "../../nat/lab.ts";
import { interleaved, startThroughputServer, throughput, WAYS, type Way, waysOf } from "../../nat/ways.ts";
import { median } from "../../support/quantile.ts";
import { type Row, spread } from "./table.ts";

/** Gbit/s of one stream, beside plain forwarding and one rule. */
export async function rates(lab: Lab, rounds: number): Promise<Row[]> {
  await lab.agent(0, "nat", "apply");
  const use = await waysOf(lab);
  await startThroughputServer(lab);
  const measured = await interleaved(use, rounds, () => throughput(lab, 1));
  return rowsOf(`throughput of one TCP stream, Gbit/s, ${rounds} rounds`, measured, { digits: 2, plain: 0.93 });
}

/** New UDP flows a second that reach the server; every packet is a flow of its own. */
export async function newFlows(lab: Lab, rounds: number): Promise<Row[]> {
  await lab.agent(0, "nat", "apply");
  const use = await waysOf(lab);
  const arrived = async () =>
    Number(await lab.inside(lab.internet.namespace, "cat", "/sys/class/net/eth0/statistics/rx_packets"));
  const measured = await interleaved(use, rounds, async () => {
    const before = await arrived();
    const burst = lab.node(lab.client(0), "new-flows.ts", "1000000", "1", ...lab.internet.servers.slice(1));
    await burst.ended;
    return (await arrived()) - before;
  });
  return rowsOf(`new flows a second, one sender, ${rounds} rounds`, measured, { digits: 0, plain: undefined });
}

function rowsOf(
  what: string,
  measured: Readonly<Record<Way, readonly number[]>>,
  { digits, plain }: { digits: number; plain: number | undefined },
): Row[] {
  const ratio = (to: Way) => median(measured.greenleaf) / median(measured[to]);
  const against = (to: Way, least: number | undefined): Row => ({
    what: `${what}: greenleaf / ${to}`,
    measured: ratio(to).toFixed(3),
    ...(least === undefined ? {} : { target: `>= ${least}`, isHeld: ratio(to) >= least }),
  });
  return [
    ...WAYS.map((way): Row => ({ what: `${what}: ${way}`, measured: spread(measured[way], digits) })),
    against("plain", plain),
    against("one rule", 0.95),
  ];
}

/** UDP flows that one public address carries to one address and port. */
export async function oneDestination(lab: Lab): Promise<Row[]> {
  await lab.agent(0, "nat", "apply");
  const server = lab.internet.servers[0] ?? "";
  const senders = Array.from({ length: 4 }, (_, index) =>
    lab.node(lab.client(0), "one-destination.ts", `10.0.10.${10 + index}`, server, "9999", "16500"),
  );
  await Promise.all(senders.map((sender) => sender.ended));
  const list = ["conntrack", "-L", "-f", "ipv4", "-p", "udp", "-d", server, "-o", "save"] as const;
  const { stdout } = await lab.run(lab.router(0), ...list);
  const ports = new Set([...stdout.matchAll(/-n 10\.0\.1\.10 .*--reply-port-dst (\d+)/g)].map(([, port]) => port));
  return [
    {
      what: "flows of one address to one destination",
      measured: String(ports.size),
      target: ">= 64,000",
      isHeld: ports.size >= 64_000,
    },
  ];
}
