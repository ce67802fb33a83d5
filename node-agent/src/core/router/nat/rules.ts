import {
  HEARTBEAT_PORT,
  type NatConfig,
  PROBE_ADDRESS,
  PROBE_OUTSIDE,
  PROBE_RANGE,
  STATE_PORT,
  type Translation,
  TUNNEL_PORT,
  TUNNEL_RANGE,
} from "./config.ts";
import { EXPIRED_MARK, HELD_MARK } from "./flows/late-flows.ts";

export type Family = "ipv4" | "ipv6";
export type Table = "nat" | "filter";

/** A jump from a built-in chain into one of ours. `first` comes before foreign rules, `last` lets them decide first. */
export interface Jump {
  readonly from: string;
  readonly to: string;
  readonly at: "first" | "last";
}

export interface OwnTable {
  readonly table: Table;
  readonly jumps: readonly Jump[];
  /** Our chains in the order iptables-save prints rules in, each rule as it prints it. */
  readonly chains: Readonly<Record<string, readonly string[]>>;
}

/** Every chain of ours begins with this. */
export const OWN_PREFIX = "GREENLEAF-";
// MSS and RAW are of the first versions.
const OWN_NAMES = ["NAT", "FORWARD", "OUT", "IN", "INPUT", "MSS", "RAW"];
/** Others may begin so too: only these are taken away. */
export const isOwn = (chain: string): boolean => OWN_NAMES.some((name) => chain === `${OWN_PREFIX}${name}`);
export const PROBE_DEVICE = "gl-probe0";

const NAT = "GREENLEAF-NAT";
const FORWARD = "GREENLEAF-FORWARD";
const OUTBOUND = "GREENLEAF-OUT";
const INBOUND = "GREENLEAF-IN";
const INPUT = "GREENLEAF-INPUT";

/**
 * The rules of one address family, in the order they are loaded: translation before anything that forwards.
 * No rule names the egress interface, so a late or renamed one changes nothing. Two tables and no more: the kernel
 * lets each commit wait until no packet uses the rules before it, and that is most of what loading rules takes.
 */
export function ownTables(config: NatConfig, family: Family): readonly OwnTable[] {
  if (family === "ipv6") return [FILTER_IPV6];
  return [
    { table: "nat", jumps: [{ from: "POSTROUTING", to: NAT, at: "first" }], chains: { [NAT]: natRules(config) } },
    {
      table: "filter",
      jumps: [FORWARD_JUMP, ...INPUT_TABLE.jumps],
      chains: {
        [FORWARD]: forwardRules(config),
        [INBOUND]: inboundRules,
        [INPUT]: inputRules(config),
        [OUTBOUND]: outboundRules(config),
      },
    },
  ];
}

// Last, so that what an operator allows by a rule of his own stays allowed.
const INPUT_TABLE = { table: "filter", jumps: [{ from: "INPUT", to: INPUT, at: "last" }] } as const;

const FORWARD_JUMP: Jump = { from: "FORWARD", to: FORWARD, at: "first" };

const tunnelled = (config: NatConfig): readonly string[] => (config.peerAddress === undefined ? [] : [TUNNEL_RANGE]);

function sourcesOf(translations: readonly Translation[]): readonly string[] {
  return translations.flatMap((translation) => translation.sources);
}

function natRules(config: NatConfig): readonly string[] {
  return [
    // The probe packet leaves by one end of a pair and comes back in by the other, to be forwarded as a client's is:
    // under its own address the second passage would be the same flow, which the first left without translation.
    `-s ${PROBE_ADDRESS}/32 -o ${PROBE_DEVICE} -j SNAT --to-source ${PROBE_OUTSIDE}`,
    `-s ${PROBE_RANGE} -j MASQUERADE`,
    ...config.vpc.map((range) => `-d ${range} -j RETURN`),
    ...tunnelled(config).map((range) => `-s ${range} -j MASQUERADE`),
    ...config.translations
      .filter(({ name }) => name !== "probe")
      .flatMap(({ sources, to }) =>
        sources.map(
          (source) => `-s ${source} -j ${to === "masquerade" ? "MASQUERADE" : `SNAT --to-source ${to.address}`}`,
        ),
      ),
  ];
}

// A path may be smaller than the client's link, and the ICMP that would tell so filtered. It decides nothing: the
// packet goes on to the next rule, so it stands before the one that accepts.
const CLAMP = "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu";

function forwardRules(config: NatConfig): readonly string[] {
  const unserved = sourcesOf(config.translations.filter(({ served }) => !served));
  const served = [...tunnelled(config), ...sourcesOf(config.translations.filter(({ served }) => served))];
  return [
    ...unserved.flatMap((source) => [`-s ${source} -j DROP`, `-d ${source} -j DROP`]),
    ...served.flatMap((source) => [`-s ${source} -j ${OUTBOUND}`, `-d ${source} -j ${INBOUND}`]),
    // What nobody named is nobody's to forward: it would leave as it came.
    "-j DROP",
  ];
}

// What leaves: never an address of the VPC or of the machine's link, never a packet conntrack cannot translate
// (INVALID, UNTRACKED, or a flow born before the rules stood and so without translation for its whole life).
function outboundRules(config: NatConfig): readonly string[] {
  return [
    // A router whose public address is with the other one proves its forwarding by reaching that one.
    ...(config.peerAddress === undefined
      ? []
      : [`-s ${PROBE_RANGE} -d ${config.peerAddress}/32 -p tcp -m tcp --dport ${STATE_PORT} -j ACCEPT`]),
    ...["169.254.0.0/16", ...config.vpc].map((range) => `-d ${range} -j DROP`),
    "-m conntrack --ctstate INVALID,UNTRACKED -j DROP",
    "-m conntrack ! --ctstate NEW,SNAT -j DROP",
    ...lateRules(config),
    CLAMP,
    "-j ACCEPT",
  ];
}

function lateRules({ rejectLateFlows, judgesLateFlows }: NatConfig): readonly string[] {
  if (!rejectLateFlows) return [];
  return judgesLateFlows ? [EXPIRED, HELD] : [LATE];
}

// A managed gateway forgets idle flows and answers their next packet with a reset; silence would hang the client.
const LATE =
  "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j REJECT --reject-with tcp-reset";
const EXPIRED = `-p tcp -m mark --mark ${EXPIRED_MARK} -j REJECT --reject-with tcp-reset`;
const HELD = `-m mark --mark ${HELD_MARK} -j DROP`;

const inboundRules: readonly string[] = [CLAMP, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-j DROP"];

function inputRules(config: NatConfig): readonly string[] {
  const peer = config.peerAddress;
  return [
    "-i lo -j ACCEPT",
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ...(peer === undefined
      ? []
      : [
          `-s ${peer}/32 -p udp -m udp --dport ${HEARTBEAT_PORT} -j ACCEPT`,
          `-s ${peer}/32 -p udp -m udp --dport ${TUNNEL_PORT} -j ACCEPT`,
          `-s ${peer}/32 -p tcp -m tcp --dport ${STATE_PORT} -j ACCEPT`,
        ]),
    ...config.vpc.map((range) => `-s ${range} -p icmp -m icmp --icmp-type 8 -j ACCEPT`),
    "-p udp -m udp --sport 67 --dport 68 -j ACCEPT",
    "-j DROP",
  ];
}

// Neighbour discovery is ICMPv6: without it the machine loses IPv6 altogether.
const inputRulesIpv6: readonly string[] = [
  "-i lo -j ACCEPT",
  "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
  "-p ipv6-icmp -j ACCEPT",
  "-s fe80::/10 -p udp -m udp --sport 547 --dport 546 -j ACCEPT",
  "-j DROP",
];

// Another program may switch forwarding on: clients' IPv6 addresses are public ones and would leave as they are.
const FILTER_IPV6: OwnTable = {
  table: "filter",
  jumps: [FORWARD_JUMP, ...INPUT_TABLE.jumps],
  chains: { [FORWARD]: ["-j DROP"], [INPUT]: inputRulesIpv6 },
};
