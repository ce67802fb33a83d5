import { type Fault, inRouter, NAT_DEVICE } from "./fault.ts";

/** What other programs do to router a. It puts back what was its own; what is theirs has a verb that takes it away. */
export const FOREIGN_PROGRAMS: Readonly<Record<string, Fault>> = {
  "rule-deleted": inRouter(0, "iptables -t nat -F GREENLEAF-NAT"),
  "ruleset-flushed": inRouter(0, "nft flush ruleset"),
  "rule-inserted": inRouter(0, "iptables -t nat -I POSTROUTING 1 -s 10.0.10.0/24 -j ACCEPT"),
  "rule-taken-out": inRouter(0, "iptables -t nat -D POSTROUTING -s 10.0.10.0/24 -j ACCEPT"),
  "firewall-drops": inRouter(
    0,
    "nft 'add table inet others; add chain inet others forward { type filter hook forward priority 0; policy drop; }'",
  ),
  "firewall-gone": inRouter(0, "nft delete table inet others"),
  "forwarding-off": inRouter(0, "sysctl -qw net.ipv4.ip_forward=0"),
  "interface-forwarding-off": inRouter(0, `sysctl -qw net.ipv4.conf.${NAT_DEVICE}.forwarding=0`),
  "ipv6-forwarded": inRouter(0, "sysctl -qw net.ipv6.conf.all.forwarding=1"),
  "ipv6-not-forwarded": inRouter(0, "sysctl -qw net.ipv6.conf.all.forwarding=0"),
  "policy-rules-wiped": inRouter(
    0,
    "ip rule flush; ip rule add priority 32766 lookup main; ip rule add priority 32767 lookup default",
  ),
  "routes-wiped": inRouter(0, "ip route flush table 7100"),
  "address-deleted": inRouter(0, `ip address delete 10.0.1.11/32 dev ${NAT_DEVICE}`),
  "barrier-removed": inRouter(0, `tc qdisc delete dev ${NAT_DEVICE} clsact`),
  "flows-forgotten": inRouter(0, "conntrack -F"),
  "interface-renamed": inRouter(
    0,
    `ip link set ${NAT_DEVICE} down; ip link set ${NAT_DEVICE} name eth7; ip link set eth7 up`,
  ),
  "interface-named-back": inRouter(
    0,
    `ip link set eth7 down; ip link set eth7 name ${NAT_DEVICE}; ip link set ${NAT_DEVICE} up`,
  ),
};
