import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { counts, type Lab, openLab, skipReason } from "./lab.ts";

const missing = skipReason();
let lab: Lab;
afterEach(async () => lab?.remove());

async function openRouter(name: string): Promise<string> {
  lab = await openLab(name);
  await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
  expect(await lab.agent(0, "nat", "apply")).toMatchObject({ code: 0 });
  return lab.internet.servers[0] ?? "";
}

/** Entries of established flows that nothing evicts, in the form `conntrack --load-file` reads. */
function assured(count: number, offset = 0): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const at = index + offset;
    const ports = `--sport ${1_024 + (at % 60_000)} --dport 443 --reply-port-src 443 --reply-port-dst ${1_024 + (at % 60_000)}`;
    const server = `192.0.2.${1 + Math.floor(at / 60_000)}`;
    return `-A -t 3000 -u SEEN_REPLY,ASSURED -s 10.0.10.99 -d ${server} -r ${server} -n 10.0.1.10 -p tcp ${ports} --state ESTABLISHED`;
  });
  return `${lines.join("\n")}\n`;
}

async function load(count: number, offset = 0): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-nat-flows-"));
  writeFileSync(join(folder, "flows"), assured(count, offset));
  await lab.run(lab.router(0), "conntrack", "--load-file", join(folder, "flows"));
  rmSync(folder, { recursive: true });
}

/** On a machine that has forty other things to do. */
const WITHIN = { timeout: 60_000, interval: 1_000 };

const flowsNow = async () =>
  Number(await lab.inside(lab.router(0), "cat", "/proc/sys/net/netfilter/nf_conntrack_count"));

describe.skipIf(missing !== undefined)(
  `how much a router carries${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    test("T11: 64,000 flows to one destination by one address; what does not fit is counted, not silent", async () => {
      const server = await openRouter("ports");
      const senders = Array.from({ length: 4 }, (_, index) =>
        lab.node(lab.client(0), "one-destination.ts", `10.0.10.${10 + index}`, server, "9999", "16500"),
      );
      await Promise.all(senders.map((sender) => sender.ended));
      const { stdout } = await lab.run(
        lab.router(0),
        "conntrack",
        "-L",
        "-f",
        "ipv4",
        "-p",
        "udp",
        "-d",
        server,
        "-o",
        "save",
      );
      const ports = new Set([...stdout.matchAll(/-n 10\.0\.1\.10 .*--reply-port-dst (\d+)/g)].map(([, port]) => port));
      expect(ports.size).toBeGreaterThanOrEqual(64_000);
      const status = JSON.parse((await lab.agent(0, "nat", "status", "--json")).stdout) as {
        flows: { insertFailed: number; dropped: number };
      };
      expect(status.flows.insertFailed + status.flows.dropped).toBeGreaterThan(0);
    });

    test("T12: a full table refuses new flows, warns before, and leaves established ones alone", async () => {
      const server = await openRouter("full");
      const flows = await lab.ready(lab.node(lab.client(0), "flows.ts", server, "100", "talk", "50"));
      const max = Number(await lab.inside(lab.router(0), "sysctl", "-n", "net.netfilter.nf_conntrack_max"));
      await load(Math.ceil(max * 0.82));
      expect((await lab.agent(0, "nat", "status")).stdout).toMatch(/warning {2}the flow table is 8\d % full/);
      expect(await lab.ask(lab.client(0), "tcp", server, "8")).toMatchObject({ code: 0 });
      await load(Math.ceil(max * 0.2), Math.ceil(max * 0.82));
      expect(await flowsNow()).toBeGreaterThanOrEqual(max - 10);
      // Flows that ended before give their entries away at any moment: what is free is filled until nothing is.
      let code = 0;
      for (let turn = 0; turn < 5 && code === 0; turn += 1) {
        await load(100, Math.ceil(max * 1.03) + turn * 100);
        code = (await lab.ask(lab.client(0), "tcp", server, "8")).code;
      }
      expect(code).toBe(1);
      await sleep(500);
      expect(await counts(flows)).toMatchObject({ open: 100, resets: 0, silent: 0 });
    });

    test("T20: the daemon of a router with 50,000 flows stays within its memory and its processor time", async () => {
      await openRouter("small");
      await load(50_000);
      const daemon = lab.startAgent(0, ["serve", "--port", "9090"]);
      await expect.poll(() => lab.status(0)?.probe.isProven, WITHIN).toBe(true);
      const usage = () => {
        const pid = daemon.child.pid;
        const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
        const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
          .replace(/^.*\) /, "")
          .split(" ");
        return { megabytes: kilobytes / 1024, ticks: Number(fields[11]) + Number(fields[12]) };
      };
      const before = usage();
      await sleep(10_000);
      const after = usage();
      const metrics = () =>
        lab.inside(
          lab.router(0),
          process.execPath,
          "-e",
          "fetch('http://localhost:9090/metrics').then((a) => a.text()).then(console.log)",
        );
      // A probe may be late on a busy machine; then the next metrics tell.
      await expect.poll(metrics, WITHIN).toMatch(/greenleaf_router_probe_proven 1/);
      await expect.poll(metrics, WITHIN).toMatch(/greenleaf_nat_flows 5\d{4}/);
      await expect.poll(metrics, WITHIN).toMatch(/greenleaf_router_probe_age_seconds \d+\.\d/);
      await expect.poll(metrics, WITHIN).toMatch(/greenleaf_nat_ports_used\{address="10\.0\.1\.10"\} [5-9]\d{4}/);
      await expect.poll(metrics, WITHIN).toMatch(/greenleaf_nat_new_flows_total\{zone="eu-west-3a"\} \d+/);
      await expect.poll(metrics, WITHIN).toMatch(/greenleaf_nat_bytes_total\{zone="eu-west-3a",direction="out"\} \d+/);
      await expect.poll(metrics, WITHIN).toMatch(/greenleaf_router_peer\{state="silent"\} 1/);
      expect(Math.round(after.megabytes)).toBeLessThanOrEqual(72);
      process.stdout.write(
        `router daemon: peak ${after.megabytes.toFixed(1)} MB, ${(after.ticks - before.ticks) / 10} % of a processor\n`,
      );
    });
  },
);
