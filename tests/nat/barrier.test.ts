import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab, skipReason } from "./lab.ts";

const missing = skipReason("ping");

/** What a foreign program may take away; nobody repairs meanwhile, for no agent is daemon. */
const REMOVED = {
  "the nft ruleset": "nft flush ruleset",
  "iptables' nat table": "iptables -t nat -F; iptables -t nat -X",
  "iptables' filter table": "iptables -F; iptables -X",
  "the tables themselves": "nft delete table ip nat; nft delete table ip filter",
  "policy rules": "ip rule flush; ip rule add priority 32766 lookup main; ip rule add priority 32767 lookup default",
  "the routes of our tables": "ip route flush table 7100",
  "the barrier's hook": "tc qdisc del dev ens6 clsact; tc qdisc del dev ens5 clsact",
  "the table of flows": "conntrack -F",
} as const;

describe.skipIf(missing !== undefined)(
  `whatever one thing is removed, nothing untranslated leaves${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    let lab: Lab;
    let server: string;
    const router = (command: string) => lab.run(lab.router(0), "sh", "-c", command);
    const apply = async () => expect(await lab.agent(0, "nat", "apply", "--no-probe")).toMatchObject({ code: 0 });
    const sent = async () =>
      Number(await lab.inside(lab.client(0), "cat", "/sys/class/net/eth0/statistics/tx_packets"));

    beforeAll(async () => {
      lab = await openLab("barrier");
      server = lab.internet.servers[0] ?? "";
      await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
      await apply();
    });
    afterAll(async () => lab?.remove());

    test.each(Object.entries(REMOVED))("%s", async (_, command) => {
      const before = await sent();
      const burst = await lab.ready(lab.node(lab.client(0), "new-flows.ts", "5000", "0.6", server));
      await router(command);
      await burst.ended;
      expect((await sent()) - before).toBeGreaterThan(100);
      await apply();
      expect(await lab.leaked()).toBe(0);
      expect(await lab.ask(lab.client(0), "udp", server, "8")).toMatchObject({ stdout: lab.zone(0).publicAddress });
    });

    test("after all of it a second run plans nothing", async () => {
      expect(await lab.agent(0, "nat", "plan")).toMatchObject({ code: 0, stdout: "" });
    });

    test("an address that no zone names is not forwarded, with the rules and without them", async () => {
      await lab.inside(lab.client(0), "ip", "address", "add", "192.168.5.5/32", "dev", "eth0");
      const ping = () => lab.run(lab.client(0), "ping", "-c", "3", "-i", "0.2", "-W", "1", "-I", "192.168.5.5", server);
      await ping();
      await router("nft flush ruleset");
      await ping();
      await apply();
      expect(await lab.leaked()).toBe(0);
    });

    test("IPv6 that another program lets be forwarded does not leave, with the rules and without them", async () => {
      const vpc = (command: string) => lab.run(lab.lab.vpc.namespace, "sh", "-c", command);
      await router(
        "sysctl -qw net.ipv6.conf.ens6.disable_ipv6=0 net.ipv6.conf.all.forwarding=1; ip -6 address add fd00:10::2/64 dev ens6 nodad; ip -6 route add default via fd00:10::1 dev ens6",
      );
      await vpc(
        "ip -6 address add fd00:10::1/64 dev e-r1n nodad; ip -6 address add fd00:20::9/128 dev lo; ip -6 route add fd00:99::/64 via fd00:10::2 dev e-r1n; nft 'add table ip6 seen; add chain ip6 seen pre { type filter hook prerouting priority 0; }; add rule ip6 seen pre iifname \"e-r1n\" ip6 saddr fd00:20::9 counter'",
      );
      const ping = () => vpc("ping -6 -c 2 -i 0.2 -W 1 -I fd00:20::9 fd00:99::5");
      const seen = async () => /packets (\d+)/.exec((await vpc("nft list chain ip6 seen pre")).stdout)?.[1];
      await apply();
      await ping();
      expect(await seen()).toBe("0");
      await router("nft flush ruleset");
      await ping();
      expect(await seen()).toBe("0");
      // Its own packets leave.
      expect((await router("ping -6 -c 1 -W 2 fd00:10::1")).code).toBe(0);
      await router("tc qdisc del dev ens6 clsact");
      await ping();
      expect(Number(await seen())).toBeGreaterThan(0);
    });

    test("remove takes the barrier away, and its hook only where nobody else uses it", async () => {
      await apply();
      await router(
        "tc qdisc add dev ens5 clsact; tc filter add dev ens5 egress pref 7 protocol ip bpf da bytecode '1,6 0 0 0'",
      );
      expect(await lab.agent(0, "nat", "remove")).toMatchObject({ code: 0 });
      expect((await router("tc qdisc show dev ens6")).stdout).not.toContain("clsact");
      expect((await router("tc filter show dev ens5 egress")).stdout).toMatch(/pref 7 /);
      expect((await router("tc filter show dev ens5 egress")).stdout).not.toMatch(/pref 1 /);
    });
  },
);
