import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FlowTable } from "../../../node-agent/src/core/router/nat/flows/flow-table.ts";
import { hasProgram } from "../../../scripts/programs.ts";
import type { Lab, Program } from "../../nat/lab.ts";
import { median } from "../../support/quantile.ts";
import type { Row } from "./table.ts";

const SIZES = [300, 10_000, 50_000];

/** Established flows of zone b as its router has them, in the form `conntrack --load-file` reads. */
function established(count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const port = 1_024 + (at % 60_000);
    const ports = `--sport ${port} --dport 443 --reply-port-src 443 --reply-port-dst ${port}`;
    return `-A -t 300 -u SEEN_REPLY,ASSURED -s 10.0.11.99 -d 192.0.2.1 -r 192.0.2.1 -n 10.0.2.10 -p tcp ${ports} --state ESTABLISHED`;
  });
}

const flowsOf = async (lab: Lab, index: 0 | 1): Promise<number> =>
  Number(await lab.inside(lab.router(index), "cat", "/proc/sys/net/netfilter/nf_conntrack_count"));

/** The two ways to copy the state of flows to the other router: conntrack's own tools, and conntrackd. */
export async function flowStates(lab: Lab, times: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-bench-state-"));
  try {
    for (const index of [0, 1] as const) await lab.agent(index, "nat", "apply", "--no-probe");
    const tools = [];
    for (const size of SIZES) tools.push(await byTools(lab, { size, times, folder }));
    return [...tools, ...(hasProgram("conntrackd") ? await byDaemon(lab, folder) : [])];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Sample {
  readonly size: number;
  readonly times: number;
  readonly folder: string;
}

async function byTools(lab: Lab, { size, times, folder }: Sample): Promise<Row> {
  const source = join(folder, "source");
  const copy = join(folder, "copy");
  writeFileSync(source, `${established(size).join("\n")}\n`);
  await lab.run(lab.router(1), "conntrack", "-F");
  await lab.run(lab.router(1), "conntrack", "--load-file", source);
  const taken = { list: [] as number[], load: [] as number[] };
  let arrived = 0;
  for (let turn = 0; turn < times; turn += 1) {
    await lab.run(lab.router(0), "conntrack", "-F");
    const list = await timed(() =>
      lab.run(lab.router(1), "sh", "-c", `conntrack -L -f ipv4 -o save -s 10.0.11.0/24 > ${copy} 2>/dev/null`),
    );
    const table = new FlowTable();
    for (const line of readFileSync(copy, "utf8").split("\n")) table.tell(line);
    writeFileSync(copy, `${[...table.lines({ idleSeconds: 350, address: "10.0.1.11" })].join("\n")}\n`);
    taken.list.push(list);
    taken.load.push(await timed(() => lab.run(lab.router(0), "conntrack", "--load-file", copy)));
    arrived = await flowsOf(lab, 0);
  }
  return {
    what: `conntrack: list, then rewrite and load ${size} flows for another private address, ms`,
    measured: `${median(taken.list).toFixed(0)}, ${median(taken.load).toFixed(0)}; ${arrived} arrived`,
  };
}

async function byDaemon(lab: Lab, folder: string): Promise<Row[]> {
  const daemons = await Promise.all(([0, 1] as const).map((index) => startDaemon(lab, index, folder)));
  await sleep(1_500);
  for (const index of [0, 1] as const) await lab.run(lab.router(index), "conntrack", "-F");
  writeFileSync(join(folder, "source"), `${established(50_000).join("\n")}\n`);
  await lab.run(lab.router(1), "conntrack", "--load-file", join(folder, "source"));
  const control = (verb: string) => lab.run(lab.router(0), "conntrackd", "-C", join(folder, "0.conf"), verb);
  let cached = 0;
  for (let tries = 0; tries < 100 && cached < 50_000; tries += 1) {
    await sleep(100);
    const { stdout } = await control("-s");
    cached = Number(/cache external:[\s\S]*?current active connections:\s+(\d+)/.exec(stdout)?.[1] ?? 0);
  }
  const commit = await timed(() => control("-c"));
  await sleep(1_000);
  const { stdout } = await lab.run(lab.router(0), "conntrack", "-L", "-f", "ipv4", "-o", "save", "-s", "10.0.11.0/24");
  const lines = stdout.split("\n").filter((line) => line.startsWith("-A"));
  const usable = lines.filter((line) => line.includes("-n 10.0.1.11"));
  const megabytes = daemons.map(({ child }) => residentOf(child.pid));
  for (const daemon of daemons) await daemon.stop();
  return [
    {
      what: "conntrackd (FTFW): of 50,000 flows, in the other's cache, committed to its kernel, translated to the address that answers come to",
      measured: `${cached}, ${lines.length}, ${usable.length}`,
    },
    {
      what: "conntrackd: commit of 50,000 flows, ms; resident memory of each, MB",
      measured: `${commit.toFixed(0)}; ${megabytes.map((each) => each.toFixed(0)).join(", ")}`,
    },
  ];
}

async function startDaemon(lab: Lab, index: 0 | 1, folder: string): Promise<Program> {
  const own = lab.zone(index).nat.address;
  const other = lab.zone(index === 0 ? 1 : 0).nat.address;
  const path = join(folder, `${index}.conf`);
  writeFileSync(path, configuration({ own, other, folder, index }));
  await lab.run(lab.router(index), "iptables", "-I", "INPUT", "-p", "udp", "--dport", "3780", "-j", "ACCEPT");
  return lab.start(lab.router(index), ["conntrackd", "-C", path]);
}

function configuration({ own, other, folder, index }: { own: string; other: string; folder: string; index: number }) {
  return `Sync {
  Mode FTFW { }
  UDP {
    IPv4_address ${own}
    IPv4_Destination_Address ${other}
    Port 3780
    Interface ens6
    SndSocketBuffer 8388608
    RcvSocketBuffer 8388608
    Checksum on
  }
}
General {
  HashSize 32768
  HashLimit 131072
  LockFile ${folder}/${index}.lock
  UNIX { Path ${folder}/${index}.ctl }
  NetlinkBufferSize 8388608
  NetlinkBufferSizeMaxGrowth 33554432
}
`;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

const residentOf = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
