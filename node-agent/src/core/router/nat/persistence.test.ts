import { expect, test } from "vitest";
import type { RouterDocument } from "../document.ts";
import { HOME_ONLY, natConfig } from "./config.ts";
import { persistedFiles } from "./persistence.ts";
import { planSysctls, wantedSysctls } from "./sysctls.ts";

const ROUTER: RouterDocument = {
  vpc: ["10.0.0.0/16"],
  zones: [{ name: "a", sources: ["10.0.10.0/24"] }],
  idle: 420,
};
const PROGRAMS = { ipv4Restore: "/usr/sbin/iptables-restore", ipv6Restore: "/usr/sbin/ip6tables-restore" };
const MIB = 1024 * 1024;

const files = new Map(persistedFiles(ROUTER, 512 * MIB, PROGRAMS).map(({ path, content }) => [path, content]));
const linesOf = (path: string) => files.get(path)?.trim().split("\n");

/** The kernel's own limits in seconds: established TCP, half-closed TCP, what waits for its acknowledgement, and UDP. */
const KERNEL = {
  tcp_timeout_established: "432000",
  tcp_timeout_fin_wait: "120",
  tcp_timeout_close_wait: "60",
  tcp_timeout_max_retrans: "300",
  tcp_timeout_unacknowledged: "300",
  udp_timeout: "30",
  udp_timeout_stream: "120",
};
const IDLE = Object.keys(KERNEL).map((name) => `net.netfilter.nf_conntrack_${name}`);

test("what stands again after a reboot without the agent lies where the system reads it", () => {
  expect([...files.keys()]).toEqual([
    "/etc/greenleaf/nat/rules.v4",
    "/etc/greenleaf/nat/rules.v6",
    "/etc/modprobe.d/greenleaf-nat.conf",
    "/etc/modules-load.d/greenleaf-nat.conf",
    "/etc/sysctl.d/90-greenleaf-nat.conf",
    "/etc/systemd/networkd.conf.d/90-greenleaf-nat.conf",
    "/etc/systemd/system/greenleaf-nat.service",
    "/etc/systemd/system/greenleaf-route.service",
    "/etc/systemd/system/sysinit.target.d/greenleaf.conf",
  ]);
  expect(linesOf("/etc/systemd/system/sysinit.target.d/greenleaf.conf")).toContain(
    "Wants=greenleaf-nat.service greenleaf-route.service",
  );
});

test("both families' rules are restored before the network is offered, and forwarding is switched on after them", () => {
  const unit = linesOf("/etc/systemd/system/greenleaf-nat.service") ?? [];
  expect(unit).toContain("Before=network-pre.target shutdown.target");
  const starts = unit.filter((line) => line.startsWith("ExecStart="));
  expect(starts.map((line) => /rules\.v\d|systemd-sysctl|ip_forward/.exec(line)?.[0])).toEqual([
    "rules.v4",
    "rules.v6",
    "systemd-sysctl",
    "ip_forward",
  ]);
  expect(files.get("/etc/greenleaf/nat/rules.v4")).toContain("10.0.10.0/24");
  expect(files.get("/etc/greenleaf/nat/rules.v6")).toMatch(/^-A \S*GREENLEAF\S* -j DROP$/m);
});

test("systemd-networkd leaves rules and routes of others alone", () => {
  expect(linesOf("/etc/systemd/networkd.conf.d/90-greenleaf-nat.conf")).toEqual([
    "[Network]",
    "ManageForeignRoutingPolicyRules=no",
    "ManageForeignRoutes=no",
  ]);
});

test("the table of flows has its size and its limits before the first packet, and forwarding is not among them", () => {
  expect(files.get("/etc/modules-load.d/greenleaf-nat.conf")).toBe("nf_conntrack\n");
  expect(files.get("/etc/modprobe.d/greenleaf-nat.conf")).toBe("options nf_conntrack hashsize=65536\n");
  const sysctls = linesOf("/etc/sysctl.d/90-greenleaf-nat.conf");
  expect(sysctls).toEqual(
    expect.arrayContaining(["net.netfilter.nf_conntrack_max = 131072", ...IDLE.map((name) => `${name} = 420`)]),
  );
  expect(sysctls?.join("\n")).not.toContain("forward");
  const small = persistedFiles(ROUTER, 256 * MIB, PROGRAMS).find(({ path }) => path.startsWith("/etc/modprobe.d"));
  expect(small?.content).toBe("options nf_conntrack hashsize=32768\n");
});

test("on a running kernel the idle limit is set for UDP and half-closed TCP as for established flows", () => {
  const found = new Map(
    Object.entries(KERNEL).map(([name, value]) => [`net.netfilter.nf_conntrack_${name}`, { value, writable: true }]),
  );
  const set = (document: RouterDocument) =>
    planSysctls(wantedSysctls(natConfig(document, HOME_ONLY), 512 * MIB, []), found).map(({ name }) => name);
  expect(set(ROUTER)).toEqual(IDLE.map((name) => `set ${name}=420`));
  const { idle: _, ...usual } = ROUTER;
  expect(set(usual)).toEqual(IDLE.map((name) => `set ${name}=350`));
});
