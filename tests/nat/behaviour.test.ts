import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { counts, type Lab, openLab, skipReason } from "./lab.ts";

const missing = skipReason("ping", "python3");

const CLAMP = "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu".split(" ");

describe.skipIf(missing !== undefined)(
  `what a router does with packets${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    let lab: Lab;
    let server: string;
    const router = (...argv: string[]) => lab.run(lab.router(0), ...argv);
    const apply = async () => expect(await lab.agent(0, "nat", "apply", "--no-probe")).toMatchObject({ code: 0 });

    beforeAll(async () => {
      lab = await openLab("behaviour");
      server = lab.internet.servers[0] ?? "";
      await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
      await apply();
    });
    afterAll(async () => lab?.remove());

    test("the fabric counts a private source: a script that flushes and appends leaks under load", async () => {
      for (const device of ["ens5", "ens6"]) await router("tc", "qdisc", "delete", "dev", device, "clsact");
      const burst = await lab.ready(lab.node(lab.client(0), "new-flows.ts", "8000", "2", server));
      const before = await lab.leaked();
      for (let turn = 0; turn < 5; turn += 1) {
        await router(
          "sh",
          "-c",
          "iptables -t nat -F POSTROUTING; iptables -t nat -A POSTROUTING -o ens6 -j MASQUERADE",
        );
      }
      await burst.ended;
      expect(await lab.leaked()).toBeGreaterThan(before);
      await router("iptables", "-t", "nat", "-D", "POSTROUTING", "-o", "ens6", "-j", "MASQUERADE");
      await apply();
    });

    test("T4: every one of some ten thousand new flows is forwarded", async () => {
      const sentAndArrived = async () => [
        Number(await lab.inside(lab.client(0), "cat", "/sys/class/net/eth0/statistics/tx_packets")),
        Number(await lab.inside(lab.internet.namespace, "cat", "/sys/class/net/eth0/statistics/rx_packets")),
      ];
      const before = await sentAndArrived();
      const burst = await lab.ready(
        lab.node(lab.client(0), "new-flows.ts", "10000", "4", ...lab.internet.servers.slice(1)),
      );
      await burst.ended;
      await sleep(200);
      const [sent = 0, arrived = 0] = (await sentAndArrived()).map((count, index) => count - (before[index] ?? 0));
      // How many are sent in four seconds is this machine's affair; that none is lost, the router's.
      expect(sent).toBeGreaterThan(1_000);
      // Neighbour requests of either side are counted too.
      expect(arrived).toBeGreaterThanOrEqual(sent - 4);
    });

    test("T7: a flow born without translation never leaves, and a new one works", async () => {
      const before = await lab.leaked();
      await router("iptables", "-t", "nat", "-D", "POSTROUTING", "-j", "GREENLEAF-NAT");
      const lost = lab.ask(lab.client(0), "udp", server, "7", "10.0.10.11");
      await sleep(300);
      expect(await lab.leaked()).toBe(before);
      await apply();
      expect((await lost).code).not.toBe(0);
      expect(await lab.ask(lab.client(0), "tcp", server, "8")).toMatchObject({ stdout: lab.zone(0).publicAddress });
    });

    test("T9: flows survive the loss of the whole table while late flows are adopted", async () => {
      lab.decide(0, { serves: { home: true, peer: false }, rejectLateFlows: false });
      await apply();
      const flows = await lab.ready(lab.node(lab.client(0), "flows.ts", server, "300", "talk", "50"));
      await router("conntrack", "-F");
      await sleep(1_000);
      expect(await counts(flows)).toMatchObject({ open: 300, resets: 0, silent: 0 });
      await flows.stop();
      lab.decide(0, { serves: { home: true, peer: false }, rejectLateFlows: true });
      await apply();
    });

    test("T19: a flow that was idle over the limit gets a reset, not silence", async () => {
      await router("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_timeout_established=2");
      const flows = await lab.ready(lab.node(lab.client(0), "flows.ts", server, "20", "talk", "4000"));
      await sleep(4_500);
      await expect.poll(async () => (await counts(flows)).resets, { timeout: 6_000, interval: 200 }).toBe(20);
      await flows.stop();
      await apply();
      expect((await router("sysctl", "-n", "net.netfilter.nf_conntrack_tcp_timeout_established")).stdout.trim()).toBe(
        "350",
      );
    });

    test("T16: a megabyte arrives over a small path whose ICMP is filtered, by the clamp and by nothing else", async () => {
      await router("ip", "link", "set", "ens6", "mtu", "1400");
      await lab.run(lab.lab.vpc.namespace, "ip", "link", "set", "e-r1n", "mtu", "1400");
      for (const space of [lab.client(0), lab.internet.namespace]) {
        await lab.run(
          space,
          "iptables",
          "-A",
          "INPUT",
          "-p",
          "icmp",
          "--icmp-type",
          "fragmentation-needed",
          "-j",
          "DROP",
        );
      }
      await router("ip", "route", "flush", "table", "7100");
      await apply();
      expect(await lab.ask(lab.client(0), "tcp", server, "10")).toMatchObject({ code: 0, stdout: "1000000" });
      for (const chain of ["GREENLEAF-OUT", "GREENLEAF-IN"]) await router("iptables", "-D", chain, ...CLAMP);
      expect((await lab.ask(lab.client(0), "tcp", server, "10")).code).toBe(1);
      await router("ip", "link", "set", "ens6", "mtu", "1500");
      await lab.run(lab.lab.vpc.namespace, "ip", "link", "set", "e-r1n", "mtu", "1500");
      await router("ip", "route", "flush", "table", "7100");
      await apply();
    });

    test("T17: packets that belong to no flow do not leave: a lone RST, a SYN-ACK, a segment out of the window", async () => {
      const script = readFileSync(join(import.meta.dirname, "programs/invalid.py"), "utf8");
      const before = await lab.leaked();
      const sent = lab.start(lab.client(0), ["python3", "-c", script, lab.zone(0).client.address, server]);
      await sent.ended;
      expect(sent.output()).toContain("sent 10");
      const dropped = async () => {
        const { stdout } = await router("iptables", "-vnxL", "GREENLEAF-OUT");
        const line = stdout.split("\n").find((text) => text.includes("INVALID"));
        return Number(line?.trim().split(/\s+/)[0]);
      };
      await expect.poll(dropped, { timeout: 5_000 }).toBeGreaterThanOrEqual(5);
      expect(await lab.leaked()).toBe(before);
    });

    test("clients reach neither the router's own services, nor metadata addresses, nor the other zone through it", async () => {
      await lab.run(
        lab.lab.vpc.namespace,
        "ip",
        "route",
        "replace",
        "10.0.11.0/24",
        "via",
        lab.zone(0).nat.address,
        "dev",
        "e-r1n",
        "onlink",
        "table",
        "101",
      );
      await lab.run(lab.lab.vpc.namespace, "ip", "rule", "add", "priority", "80", "iif", "e-c1", "lookup", "101");
      await lab.ready(lab.node(lab.client(1), "servers.ts"));
      await lab.ready(lab.node(lab.router(0), "servers.ts"));
      const answers = await Promise.all([
        lab.ask(lab.client(0), "tcp", lab.zone(1).client.address, "8"),
        lab.ask(lab.client(0), "tcp", lab.zone(0).nat.address, "8"),
        lab.ask(lab.client(0), "tcp", "169.254.169.254", "8"),
        lab.ask(lab.internet.namespace, "tcp", lab.zone(0).publicAddress, "8"),
      ]);
      expect(answers.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
      await lab.run(lab.lab.vpc.namespace, "ip", "rule", "delete", "priority", "80");
    });

    test("from the internet no port of the public address answers, not even with a reset", async () => {
      const scan = lab.node(lab.internet.namespace, "scan.ts", lab.zone(0).publicAddress, "1", "1500");
      await scan.ended;
      expect(JSON.parse(scan.output())).toEqual({ tried: 1500, answered: 0 });
    });
  },
);
