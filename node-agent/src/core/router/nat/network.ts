import type { RouterZone } from "../document.ts";
import { firstOf, ipv4Number, ipv4Text } from "../ipv4.ts";
import { addressOf, PROBE_ADDRESS, PROBE_OUTSIDE, TUNNEL_PORT, TUNNEL_RANGE } from "./config.ts";
import type { NatOperation } from "./operation.ts";
import { PROBE_DEVICE } from "./rules.ts";

/** The machine's interfaces, rules and routes, as `ip -json` tells them. */
export interface Network {
  readonly links: readonly Link[];
  readonly rules: readonly Rule[];
  /** The default route of each table that has one, `main` included. */
  readonly defaults: Readonly<Record<string, { readonly device: string; readonly gateway?: string } | undefined>>;
}

/** A policy rule, its text as `ip rule` takes it. */
export interface Rule {
  readonly priority: number;
  readonly text: string;
}

export interface Link {
  readonly name: string;
  readonly mac: string;
  readonly isUp: boolean;
  readonly mtu: number;
  /** With the prefix length, as in 10.0.1.10/24. */
  readonly addresses: readonly string[];
  /** Those of IPv6, in the same form. */
  readonly ipv6?: readonly string[];
}

/** The other end of the probe pair, where probe packets come in to be forwarded. */
export const PROBE_ENTRY = "gl-probe1";
export const TUNNEL_DEVICE = "gl-tunnel";
export const TABLES = { egress: "7100", probe: "7101", tunnel: "7102", answer: "7103" } as const;
/** Inside a VPC packets may have 9,001 bytes, beyond its gateway 1,500; the route's limit is what MSS is clamped to. */
const INTERNET_MTU = 1_500;
const PROBE_GATEWAY = "169.254.77.1";
const ANSWER_GATEWAY = "169.254.77.5";
const ENTRY_ADDRESS = "169.254.77.4/32";

export type Egress = { readonly device: string } | { readonly missing: string };

/** The interface translated packets leave by: by MAC, by address, or by the default route; never by name. */
export function findEgress(zone: RouterZone, network: Network): Egress {
  if (zone.mac !== undefined)
    return foundOr(
      network.links.find(({ mac }) => mac === zone.mac),
      `no interface has MAC ${zone.mac}`,
    );
  if (zone.address !== undefined) {
    const holder = network.links.find((link) => link.addresses.includes(zone.address ?? ""));
    return foundOr(holder, `no interface has address ${zone.address}`);
  }
  const device = network.defaults.main?.device;
  return device === undefined ? { missing: "the main table has no default route" } : { device };
}

function foundOr(link: Link | undefined, missing: string): Egress {
  return link === undefined ? { missing } : { device: link.name };
}

export interface DesiredNetwork {
  readonly home: RouterZone;
  readonly device: string;
  readonly peerAddress?: string;
}

/** Interface, addresses and policy routes; each is planned only where it is not so already. */
export function planNetwork(desired: DesiredNetwork, network: Network): NatOperation[] {
  return [...planInterface(desired, network), ...planProbe(desired, network), ...planTunnel(desired, network)];
}

function planInterface({ home, device }: DesiredNetwork, network: Network): NatOperation[] {
  if (home.address === undefined) return [];
  const link = network.links.find(({ name }) => name === device);
  const standby = home.standby === undefined ? [] : [`${home.standby}/32`];
  const address = addressOf(home.address);
  return [
    ...(link?.isUp ? [] : [ip(`link set dev ${device} up`, "the fixed interface is down")]),
    ...[home.address, ...standby]
      .filter((wanted) => !link?.addresses.some((found) => addressOf(found) === addressOf(wanted)))
      .map((wanted) => ip(`address add ${wanted} dev ${device}`, "the interface's own address is not on it")),
    ...defaultRoute(network, TABLES.egress, {
      device,
      gateway: gatewayOf(home.address),
      mtu: Math.min(link?.mtu ?? INTERNET_MTU, INTERNET_MTU),
    }),
    ...rule(network, 7110, `iif ${device} lookup ${TABLES.egress}`, "what comes in by it leaves by it"),
    ...[address, ...standby.map(addressOf)].flatMap((source, index) =>
      rule(network, 7120 + index, `from ${source} lookup ${TABLES.egress}`, "its own packets leave by it"),
    ),
  ];
}

// Forwarded probes take the way that the zone's packets take: the fixed interface's table, or the main one.
const egressTable = ({ home }: DesiredNetwork): string => (home.address === undefined ? "main" : TABLES.egress);

function planProbe(desired: DesiredNetwork, network: Network): NatOperation[] {
  const probe = network.links.find(({ name }) => name === PROBE_DEVICE);
  const entry = network.links.find(({ name }) => name === PROBE_ENTRY);
  const why = "proof needs a packet that is really forwarded";
  const isThere = probe?.isUp && entry?.isUp && probe.addresses.length > 0 && entry.addresses.length > 0;
  const pair = [
    ...(probe ? [ip(`link delete ${PROBE_DEVICE}`, "the probe pair is not complete")] : []),
    ip(`link add ${PROBE_DEVICE} address ${PROBE_MAC} type veth peer name ${PROBE_ENTRY} address ${ENTRY_MAC}`, why),
    ip(`address add ${PROBE_ADDRESS}/29 dev ${PROBE_DEVICE}`, why),
    ip(`address add ${ENTRY_ADDRESS} dev ${PROBE_ENTRY}`, why),
    ip(`link set dev ${PROBE_DEVICE} up`, why),
    ip(`link set dev ${PROBE_ENTRY} up`, why),
    ip(`neighbour replace ${PROBE_GATEWAY} lladdr ${ENTRY_MAC} dev ${PROBE_DEVICE} nud permanent`, why),
  ];
  return [
    ...(isThere ? [] : pair),
    ...defaultRoute(isThere ? network : withoutDefaults(network), TABLES.probe, {
      device: PROBE_DEVICE,
      gateway: PROBE_GATEWAY,
    }),
    ...rule(network, 7104, `iif ${PROBE_ENTRY} lookup ${egressTable(desired)}`, why),
    ...rule(network, 7105, `from ${PROBE_ADDRESS} lookup ${TABLES.probe}`, why),
    ...planAnswer(isThere ? network : withoutDefaults(network)),
  ];
}

// The answer is forwarded as a client's is, back to the end of the pair that the probe came in by.
function planAnswer(network: Network): NatOperation[] {
  const why = "the probe's answer goes back through the pair";
  const route = defaultRoute(network, TABLES.answer, { device: PROBE_ENTRY, gateway: ANSWER_GATEWAY });
  const neighbour = `neighbour replace ${ANSWER_GATEWAY} lladdr ${PROBE_MAC} dev ${PROBE_ENTRY} nud permanent`;
  return [
    ...(route.length === 0 ? [] : [ip(neighbour, why), ...route]),
    ...rule(network, 7106, `to ${PROBE_OUTSIDE} lookup ${TABLES.answer}`, why),
  ];
}

const PROBE_MAC = "02:67:6c:00:00:01";
const ENTRY_MAC = "02:67:6c:00:00:02";

function planTunnel(desired: DesiredNetwork, network: Network): NatOperation[] {
  if (desired.home.address === undefined || desired.peerAddress === undefined) return [];
  const own = addressOf(desired.home.address);
  const { local, remote } = tunnelAddresses(own, desired.peerAddress);
  const why = "probes through the other router";
  const link = network.links.find(({ name }) => name === TUNNEL_DEVICE);
  const isThere = link?.isUp && link.addresses.includes(`${local}/30`);
  const vxlan = `id 77 local ${own} remote ${desired.peerAddress} dstport ${TUNNEL_PORT} nolearning`;
  const device = [
    ...(link ? [ip(`link delete ${TUNNEL_DEVICE}`, "the tunnel is not complete")] : []),
    ip(`link add ${TUNNEL_DEVICE} type vxlan ${vxlan}`, why),
    ip(`address add ${local}/30 dev ${TUNNEL_DEVICE}`, why),
    ip(`link set dev ${TUNNEL_DEVICE} up`, why),
  ];
  return [
    ...(isThere ? [] : device),
    ...defaultRoute(isThere ? network : withoutDefaults(network), TABLES.tunnel, {
      device: TUNNEL_DEVICE,
      gateway: remote,
    }),
    ...rule(network, 7101, `to ${TUNNEL_RANGE} lookup main`, "answers to the other router's probes go back to it"),
    ...rule(
      network,
      7102,
      `iif ${TUNNEL_DEVICE} lookup ${TABLES.egress}`,
      "the other router's probes leave as its clients would",
    ),
    ...rule(network, 7103, `from ${local} lookup ${TABLES.tunnel}`, why),
  ];
}

/** Both ends compute the same pair without asking each other: the lower address gets .1. */
export function tunnelAddresses(own: string, peer: string): { local: string; remote: string } {
  const [low, high] = ["169.254.78.1", "169.254.78.2"] as const;
  return ipv4Number(own) < ipv4Number(peer) ? { local: low, remote: high } : { local: high, remote: low };
}

/** The VPC's router is the first address of every subnet. */
export const gatewayOf = (range: string): string => ipv4Text(firstOf(range) + 1);

function withoutDefaults(network: Network): Network {
  return { ...network, defaults: { main: network.defaults.main } };
}

function defaultRoute(
  network: Network,
  table: string,
  { device, gateway, mtu }: { device: string; gateway: string; mtu?: number },
): NatOperation[] {
  const found = network.defaults[table];
  if (found?.device === device && found.gateway === gateway) return [];
  const why = found ? `it goes by ${found.device}` : "the table has no default route";
  const limit = mtu === undefined ? "" : `mtu ${mtu} `;
  return [ip(`route replace default via ${gateway} dev ${device} onlink ${limit}table ${table}`, why)];
}

function rule(network: Network, priority: number, text: string, why: string): NatOperation[] {
  const found = network.rules.filter((candidate) => candidate.priority === priority && isOwn(candidate));
  if (found.length === 1 && found[0]?.text === text) return [];
  return [
    ...found.map((other) => deletion(other, "it is another one than wanted")),
    ip(`rule add priority ${priority} ${text}`, why),
  ];
}

const deletion = ({ priority, text }: Rule, why: string): NatOperation =>
  ip(`rule delete priority ${priority} ${text}`, why);

const OWN_TABLE = new RegExp(`lookup (${Object.values(TABLES).join("|")})$`);
const INTO_MAIN: ReadonlySet<string> = new Set([`to ${TUNNEL_RANGE} lookup main`, `iif ${PROBE_ENTRY} lookup main`]);

/** A number alone makes no rule ours: another program may have chosen it as well. */
const isOwn = ({ priority, text }: Rule): boolean =>
  priority >= 7100 && priority < 7130 && (OWN_TABLE.test(text) || INTO_MAIN.has(text));

/** Takes out devices, rules, tables and addresses of ours; the fixed interface and its own address stay. */
export function planNetworkRemoval(network: Network, added: readonly string[]): NatOperation[] {
  const why = "the router's part goes";
  const devices = network.links.filter(({ name }) => name === PROBE_DEVICE || name === TUNNEL_DEVICE);
  const tables = Object.values(TABLES).filter((table) => network.defaults[table] !== undefined);
  return [
    ...network.rules.filter(isOwn).map((own) => deletion(own, why)),
    ...tables.map((table) => ip(`route delete default table ${table}`, why)),
    ...devices.map(({ name }) => ip(`link delete ${name}`, why)),
    ...network.links.flatMap(({ name, addresses }) =>
      addresses
        .filter((address) => added.includes(address))
        .map((address) => ip(`address delete ${address} dev ${name}`, why)),
    ),
  ];
}

function ip(command: string, why: string): NatOperation {
  return { kind: "ip", args: command.split(" "), name: `ip ${command}`, why };
}
