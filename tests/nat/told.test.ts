import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { namespacePids } from "../../scripts/lab/namespaces.ts";
import { type Lab, openLab, skipReason } from "./lab.ts";

const missing = skipReason("ping");
const within = { timeout: 30_000, interval: 20 };

describe.skipIf(missing !== undefined)(
  `a router whose daemon is told by the kernel what others change${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    let lab: Lab;
    const router = (command: string) => lab.run(lab.router(0), "sh", "-c", command);
    const monitors = async () => {
      const programs = (await namespacePids(lab.router(0))).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      return programs.filter((argv) => argv.includes("\0monitor\0")).length;
    };

    beforeAll(async () => {
      lab = await openLab("told");
      await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
      expect(await lab.agent(0, "nat", "apply", "--no-probe")).toMatchObject({ code: 0 });
      lab.startAgent(0, ["serve", "--port", "0"]);
    });
    afterAll(async () => lab?.remove());

    test("forwarding that a program switches off again and again is on again without a look at everything", async () => {
      await expect.poll(() => lab.status(0)?.probe.isProven, within).toBe(true);
      await expect.poll(monitors, within).toBe(3);
      const forwarding = async () => (await router("sysctl -n net.ipv4.ip_forward")).stdout.trim();
      for (let times = 0; times < 24; times += 1) {
        await router("sysctl -qw net.ipv4.ip_forward=0");
        await expect.poll(forwarding, within).toBe("1");
      }
      // A look at everything gives its plan's reason instead of these words.
      await expect.poll(() => lab.status(0)?.repairs?.last, within).toContain("(another program wrote it)");
      await expect.poll(() => lab.status(0)?.returning?.what, within).toContain("set net.ipv4.ip_forward=1");
      expect(
        await lab.run(lab.client(0), "ping", "-q", "-c", "1", "-W", "5", lab.internet.servers[0] ?? ""),
      ).toMatchObject({
        code: 0,
      });
      expect(await lab.leaked()).toBe(0);
    });

    test("its own probes leave no entries that take ports of the public address for minutes", async () => {
      const left = async (state: string) => (await router(`conntrack -L -p tcp --state ${state} 2>/dev/null`)).stdout;
      await expect.poll(() => left("CLOSE"), within).toContain("dport=443");
      expect(await left("TIME_WAIT")).toBe("");
    });

    test.each([
      ["a rule", "iptables -t nat -F GREENLEAF-NAT", "iptables -t nat -S GREENLEAF-NAT", "-j SNAT"],
      ["a policy rule", "ip rule delete priority 7121", "ip rule", "7121:"],
      ["the barrier", "tc qdisc delete dev ens6 clsact", "tc filter show dev ens6 egress", "direct-action"],
      ["a switch", "sysctl -qw net.ipv4.conf.ens6.rp_filter=1", "sysctl net.ipv4.conf.ens6.rp_filter", "= 2"],
    ])("%s that goes comes back", async (_, command, look, text) => {
      await expect.poll(async () => (await router(look)).stdout, within).toContain(text);
      await router(command);
      await expect.poll(async () => (await router(look)).stdout, within).toContain(text);
    });
  },
);
