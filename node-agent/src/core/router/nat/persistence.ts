import { NAT_FOLDER } from "../../../base/paths.ts";
import type { RouterDocument } from "../document.ts";
import { HOME_ONLY, type NatConfig, natConfig } from "./config.ts";
import { ownTables } from "./rules.ts";
import { freshRules } from "./rules-plan.ts";
import { CONNTRACK_MAX, conntrackMax, IDLE_SYSCTLS, LOOSE } from "./sysctls.ts";

export interface PersistedFile {
  readonly path: string;
  readonly content: string;
}

/** Where distributions keep their programs; the unit cannot search a PATH. */
export interface Programs {
  readonly ipv4Restore: string;
  readonly ipv6Restore: string;
}

/**
 * What makes NAT stand after a reboot before the network is offered, without this agent: rules, module
 * options, sysctls and a unit; and a unit for the interface. The rules serve the own zone only, since a failover does not outlive its lease,
 * and let flows begin in the middle, since those that do were this router's before it went down.
 */
export function persistedFiles(router: RouterDocument, memoryBytes: number, programs: Programs): PersistedFile[] {
  const config = natConfig(router, { ...HOME_ONLY, rejectLateFlows: false });
  const flows = conntrackMax(memoryBytes);
  return [
    { path: `${NAT_FOLDER}/rules.v4`, content: freshRules(ownTables(config, "ipv4")) },
    { path: `${NAT_FOLDER}/rules.v6`, content: freshRules(ownTables(config, "ipv6")) },
    { path: "/etc/modprobe.d/greenleaf-nat.conf", content: `options nf_conntrack hashsize=${flows / 2}\n` },
    { path: "/etc/modules-load.d/greenleaf-nat.conf", content: "nf_conntrack\n" },
    { path: "/etc/sysctl.d/90-greenleaf-nat.conf", content: sysctlFile(config, flows) },
    { path: "/etc/systemd/networkd.conf.d/90-greenleaf-nat.conf", content: NETWORKD },
    { path: `${UNITS}/greenleaf-nat.service`, content: rulesUnit(programs) },
    { path: `${UNITS}/greenleaf-route.service`, content: ROUTE_UNIT },
    { path: `${UNITS}/sysinit.target.d/greenleaf.conf`, content: ENABLED },
  ];
}

// By default it deletes, whenever it starts, policy rules and routes that it did not make.
const NETWORKD = "[Network]\nManageForeignRoutingPolicyRules=no\nManageForeignRoutes=no\n";

const UNITS = "/etc/systemd/system";

// Of a folder sysinit.target.wants systemd takes links and no files.
const ENABLED = "[Unit]\nWants=greenleaf-nat.service greenleaf-route.service\n";

// Forwarding is not among them: systemd-sysctl runs before the rules stand.
function sysctlFile(config: NatConfig, flows: number): string {
  return [
    `${CONNTRACK_MAX} = ${flows}`,
    ...IDLE_SYSCTLS.map((name) => `${name} = ${config.idleSeconds}`),
    `${LOOSE} = 1`,
    "net.ipv4.conf.all.send_redirects = 0",
    "net.ipv4.conf.default.send_redirects = 0",
    "",
  ].join("\n");
}

function rulesUnit({ ipv4Restore, ipv6Restore }: Programs): string {
  return `[Unit]
Description=GreenLeaf router: rules, then forwarding, before any network
DefaultDependencies=no
After=local-fs.target systemd-modules-load.service
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${ipv4Restore} --noflush ${NAT_FOLDER}/rules.v4
ExecStart=-${ipv6Restore} --noflush ${NAT_FOLDER}/rules.v6
ExecStart=-/usr/lib/systemd/systemd-sysctl --prefix=/net/netfilter
ExecStart=/bin/sh -c "echo 1 > /proc/sys/net/ipv4/ip_forward"
`;
}

// The boot itself comes after cloud-init, which asks metadata for minutes where they are away, and holds up sysinit.target.
const ROUTE_UNIT = `[Unit]
Description=GreenLeaf router: the fixed interface, as soon as the kernel has it
DefaultDependencies=no
After=local-fs.target greenleaf-nat.service
Before=shutdown.target
Conflicts=shutdown.target

[Service]
Type=exec
ExecStart=/opt/greenleaf/current/node /opt/greenleaf/current/main.js nat apply --no-probe
SyslogIdentifier=greenleaf-nat
`;
