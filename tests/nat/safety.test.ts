import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { agentProgram, kernelLacks, type Lab, openLab, skipReason } from "./lab.ts";

const missing = skipReason();
const skip = missing !== undefined;
const why = skip ? `: ${missing}` : "";
let lab: Lab;
afterEach(async () => lab?.remove());

const FORWARD = ["sysctl", "-n", "net.ipv4.ip_forward"] as const;
const serversOf = async () => lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
const forwarding = async () => (await lab.run(lab.router(0), ...FORWARD)).stdout.trim();
const saved = (backend: string) => lab.inside(lab.router(0), `iptables-${backend}-save`);

// What nft put into the tables of iptables after the router came is shown by no iptables-save.
async function keepsNative(backend: "nft" | "legacy"): Promise<void> {
  if (backend === "legacy") return;
  await lab.inside(lab.router(0), "nft", "flush ruleset");
  expect(await lab.agent(0, "nat", "apply", "--no-probe")).toMatchObject({ code: 0 });
  const native =
    "add set ip filter bad { type ipv4_addr; }; add chain ip filter myin { type filter hook input priority 5; }; add rule ip filter myin ip saddr @bad drop";
  await lab.inside(lab.router(0), "nft", native);
  await lab.inside(lab.router(0), "ip", "link", "set", "ens6", "down");
  await lab.inside(lab.router(0), "ip", "link", "set", "ens6", "name", "eth7");
  expect(await lab.agent(0, "nat", "remove")).toMatchObject({ code: 0 });
  const left = await lab.inside(lab.router(0), "nft", "list", "ruleset");
  expect(left).toContain("ip saddr @bad drop");
  expect(left).toContain("set bad");
  expect(left).not.toMatch(/GREENLEAF|chain FORWARD|chain INPUT/);
  expect((await lab.agent(0, "nat", "remove")).code).toBe(0);
}

describe.skipIf(skip).each(["nft", "legacy"] as const)(
  `T18: rules that are not ours, on the %s backend${why}`,
  (backend) => {
    const lacking = skip ? undefined : kernelLacks(backend);
    test.skipIf(lacking !== undefined)(
      `are byte for byte the same after apply, and the machine is as before after remove${lacking === undefined ? "" : `: ${lacking}`}`,
      async () => {
        lab = await openLab(`keep-${backend}`, { env: { GREENLEAF_IPTABLES: backend } });
        const foreign = `*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
*filter
:DOCKER-USER - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "an operator's own" -j ACCEPT
-A FORWARD -j DOCKER-USER
-A DOCKER-USER -j RETURN
COMMIT
`;
        writeFileSync(join(lab.roots[0] ?? "", "foreign"), foreign);
        await lab.run(lab.router(0), "sh", "-c", `iptables-${backend}-restore < ${lab.roots[0]}/foreign`);
        const lines = async () =>
          (await saved(backend))
            .split("\n")
            .filter((line) => !line.startsWith("#"))
            .map((line) => line.replace(/\[\d+:\d+\]/, "[0:0]"));
        const sysctls = async () =>
          lab.inside(
            lab.router(0),
            "sh",
            "-c",
            "sysctl -a 2>/dev/null | grep -E 'ip_forward|ens6|conf.(all|default)|conntrack_tcp_timeout' | grep -v conntrack_count",
          );
        const before = { lines: await lines(), sysctls: await sysctls() };
        expect(await lab.agent(0, "nat", "apply", "--no-probe")).toMatchObject({ code: 0 });
        const ours = (line: string) => line.includes("GREENLEAF-") || /^(\*|COMMIT)/.test(line);
        const builtIn = /^:(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) ACCEPT/;
        const rules = (all: readonly string[]) =>
          all.filter((line) => line !== "" && !ours(line) && !builtIn.test(line));
        expect(rules(await lines())).toEqual(rules(before.lines));
        expect(await lab.agent(0, "nat", "remove")).toMatchObject({ code: 0 });
        const after = await lines();
        // The legacy backend cannot delete a table once it exists; an empty one does nothing.
        const shown = backend === "nft" ? (all: readonly string[]) => all : rules;
        expect(shown(after)).toEqual(shown(before.lines));
        expect(await sysctls()).toBe(before.sysctls);
        expect(await lab.inside(lab.router(0), "ip", "rule")).not.toContain("71");
        expect(await lab.inside(lab.router(0), "ip", "address", "show", "ens6")).not.toContain(lab.zone(0).nat.standby);
        await keepsNative(backend);
        expect(await lab.agent(0, "nat", "remove")).toMatchObject({ code: 0 });
      },
    );
  },
);

describe.skipIf(skip)(`T15: a machine that cannot be a router${why}`, () => {
  const documentOf = (index: 0 | 1) =>
    JSON.parse(readFileSync(join(lab.roots[index] ?? "", "etc/greenleaf/node.json"), "utf8"));
  const give = (document: unknown) =>
    writeFileSync(join(lab.roots[0] ?? "", "etc/greenleaf/node.json"), JSON.stringify(document));

  test("without iptables it ends with 78, names it, and forwards nothing", async () => {
    lab = await openLab("bare");
    const agent = `${process.execPath} ${await agentProgram()} nat apply`;
    // In a mount namespace of its own the folder of iptables is empty; ip is in /usr/bin as well.
    const command = `mount -t tmpfs none /usr/sbin && PATH=/usr/bin:/bin exec ${agent} --root ${lab.roots[0]}`;
    const { code, stderr } = await lab.run(lab.router(0), "unshare", "-m", "sh", "-c", command);
    expect(code).toBe(78);
    expect(stderr).toMatch(/error: .*iptables-save is not installed/);
    expect(await forwarding()).toBe("0");
  });

  test("without a default route or an interface of its MAC it names what it waited for, with rules but no forwarding", async () => {
    lab = await openLab("lost");
    const document = documentOf(0);
    document.router.zones[0].mac = "02:00:00:00:09:99";
    give(document);
    const agent = lab.startAgent(0, ["nat", "apply"]);
    await expect.poll(() => agent.output(), { timeout: 10_000 }).toContain("restore ipv4");
    await sleep(1_500);
    expect(agent.child.exitCode).toBeNull();
    expect(await forwarding()).toBe("0");
    // The interface comes late and under another name.
    await lab.run(
      lab.router(0),
      "sh",
      "-c",
      "ip link set ens6 down && ip link set ens6 name eth7 address 02:00:00:00:09:99",
    );
    expect(await agent.ended).toBe(0);
    expect(agent.output()).toContain("by eth7");
    expect(await forwarding()).toBe("1");
  });

  test("a renamed interface, and the second one listed first, change nothing", async () => {
    lab = await openLab("renamed");
    await serversOf();
    await lab.run(
      lab.router(0),
      "sh",
      "-c",
      "ip link set ens5 down; ip link set ens5 name zz9; ip link set zz9 up; ip link set ens6 name aa0; ip route add default via 10.0.1.1 dev zz9",
    );
    expect(await lab.agent(0, "nat", "apply")).toMatchObject({ code: 0 });
    expect(await lab.ask(lab.client(0), "tcp", lab.internet.servers[0] ?? "", "8")).toMatchObject({
      stdout: lab.zone(0).publicAddress,
    });
    expect(await lab.leaked()).toBe(0);
  });

  test("with the public address gone or the source check on, it is not ready: 69, and the probe's targets are named", async () => {
    lab = await openLab("unproven");
    await serversOf();
    await lab.change({ unchecked: [false, true], publicAddresses: {} });
    const { code, stderr } = await lab.agent(0, "nat", "apply");
    expect(code).toBe(69);
    expect(stderr).toMatch(/why: {3}last answer .*198\.51\.100\.2:443: no answer/);
  });

  test("a node document without a router section, or with a wrong range, ends with 78 before anything is touched", async () => {
    lab = await openLab("wrong");
    const { router, ...rest } = documentOf(0);
    give(rest);
    expect(await lab.agent(0, "nat", "apply")).toMatchObject({ code: 78 });
    give({ ...rest, router: { ...router, vpc: ["10.0.0.0/99"] } });
    const refused = await lab.agent(0, "nat", "apply");
    expect(refused).toMatchObject({ code: 78 });
    expect(refused.stderr).toContain("router.vpc.0");
    expect(await saved("nft")).not.toContain("GREENLEAF");
  });
});
