import { inside, ipBatch, namespacesLike, removeNamespace } from "./namespaces.ts";
import { cable, LAB_PREFIX, type LabZone, PUBLIC_RANGE, ROUTER_DEVICE, type Topology, VPC_RANGE } from "./topology.ts";

/** What the cloud's control plane says at a moment; the fabric is made to obey it. */
export interface CloudState {
  /** Owner of each zone: index of the router whose fixed interface the private table's 0.0.0.0/0 names. */
  readonly routes: readonly [number, number];
  /** Public address to the private address that carries it. */
  readonly publicAddresses: Readonly<Record<string, string | undefined>>;
  /** Whether each router's fixed interface is attached to it, and whether its source/destination check is off. */
  readonly attached: readonly [boolean, boolean];
  readonly unchecked: readonly [boolean, boolean];
}

export function initialState({ zones: [a, b] }: Topology): CloudState {
  return {
    routes: [0, 1],
    publicAddresses: {
      [a.publicAddress]: a.nat.address,
      [b.publicAddress]: b.nat.address,
      [a.router.primary.publicAddress]: a.router.primary.address,
      [b.router.primary.publicAddress]: b.router.primary.address,
    },
    attached: [true, true],
    unchecked: [true, true],
  };
}

/**
 * Namespaces, cables, addresses and static routes; a lab of that name is removed first. `machines` names namespaces that
 * are there already, each by the id of a process in it.
 */
export async function createFabric(lab: Topology, machines: ReadonlyMap<string, number> = new Map()): Promise<void> {
  await removeFabric(lab.name);
  const spaces = [
    lab.vpc.namespace,
    lab.internet.namespace,
    ...lab.zones.flatMap((zone) => [zone.client.namespace, zone.router.namespace]),
  ];
  await ipBatch(
    undefined,
    spaces.map((space) =>
      machines.has(space) ? `netns attach ${space} ${machines.get(space)}` : `netns add ${space}`,
    ),
  );
  await Promise.all(spaces.map((space) => ipBatch(space, ["link set lo up"])));
  await Promise.all(
    spaces.map((space) =>
      inside(space, ["sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0"]),
    ),
  );
  // A new namespace takes the host's value, which Docker sets; a fresh machine does not forward.
  await Promise.all(
    lab.zones.map(({ router }) => inside(router.namespace, ["sysctl", "-qw", "net.ipv4.ip_forward=0"])),
  );
  await ipBatch(lab.vpc.namespace, [
    ...internetCable(lab),
    ...lab.zones.flatMap((zone, index) => zoneCables(zone, index)),
  ]);
  await inside(lab.vpc.namespace, [
    "sysctl",
    "-qw",
    "net.ipv4.ip_forward=1",
    "net.ipv4.conf.all.proxy_arp=1",
    "net.ipv4.conf.all.send_redirects=0",
  ]);
  await ipBatch(lab.internet.namespace, internetEnd(lab));
  for (const zone of lab.zones) {
    await ipBatch(zone.client.namespace, clientEnd(zone));
    await ipBatch(zone.router.namespace, routerEnd(zone));
  }
  await applyState(lab, initialState(lab));
}

/** Takes a router's fixed interface away from it, as on an instance that was just launched. */
export async function parkInterface(lab: Topology, index: 0 | 1): Promise<void> {
  const { router } = lab.zones[index];
  await ipBatch(router.namespace, [
    `link set ${ROUTER_DEVICE.nat} down`,
    `link set ${ROUTER_DEVICE.nat} netns ${lab.vpc.namespace} name ${parked(index)}`,
  ]);
}

const parked = (index: number): string => `parked${index + 1}`;

/** Brings it back, unconfigured: what the cloud does when it is attached. */
async function unparkInterface(lab: Topology, index: number): Promise<void> {
  const names = await inside(lab.vpc.namespace, ["ip", "-brief", "link"]);
  if (!names.includes(parked(index))) return;
  const { namespace } = (lab.zones[index] as LabZone).router;
  await ipBatch(lab.vpc.namespace, [`link set ${parked(index)} netns ${namespace} name ${ROUTER_DEVICE.nat}`]);
}

export async function removeFabric(name: string): Promise<void> {
  for (const space of await namespacesLike(`${LAB_PREFIX}${name}-`)) await removeNamespace(space);
}

function internetCable({ internet }: Topology): string[] {
  return [
    `link add ${cable.internet} type veth peer name eth0 netns ${internet.namespace}`,
    `address add ${internet.gateway}/24 dev ${cable.internet}`,
    `link set ${cable.internet} up`,
    `rule add priority 90 to ${VPC_RANGE} lookup main`,
    `route add default via ${internet.servers[0]} dev ${cable.internet} table 103`,
  ];
}

function zoneCables(zone: LabZone, index: number): string[] {
  const { client, router, nat } = zone;
  const plug = (name: string, end: string, gateway: string, addresses: readonly string[]) => [
    `link add ${name} type veth peer name ${end}`,
    `address add ${gateway}/32 dev ${name}`,
    `link set ${name} up`,
    ...addresses.map((address) => `route add ${address}/32 dev ${name}`),
  ];
  return [
    ...plug(cable.client(index), `eth0 netns ${client.namespace}`, client.gateway, [client.address]),
    `route replace ${client.range} dev ${cable.client(index)}`,
    `rule add priority ${100 + index} iif ${cable.client(index)} lookup ${101 + index}`,
    ...plug(cable.primary(index), `${ROUTER_DEVICE.primary} netns ${router.namespace}`, router.primary.gateway, [
      router.primary.address,
    ]),
    `rule add priority ${110 + index} iif ${cable.primary(index)} lookup 103`,
    ...plug(cable.nat(index), `${ROUTER_DEVICE.nat} address ${nat.mac} netns ${router.namespace}`, nat.gateway, [
      nat.address,
      nat.standby,
    ]),
    `rule add priority ${120 + index} iif ${cable.nat(index)} lookup 103`,
  ];
}

function internetEnd({ internet }: Topology): string[] {
  return [
    ...internet.servers.map((server) => `address add ${server}/24 dev eth0`),
    "link set eth0 up",
    `route add ${PUBLIC_RANGE} via ${internet.gateway}`,
  ];
}

function clientEnd({ client }: LabZone): string[] {
  const more = Array.from({ length: 9 }, (_, index) => client.address.replace(/10$/, String(11 + index)));
  return [
    ...[client.address, ...more].map((address) => `address add ${address}/24 dev eth0`),
    "link set eth0 up",
    `route add default via ${client.gateway}`,
  ];
}

// The fixed interface is there but not configured: that is the agent's work.
function routerEnd({ router }: LabZone): string[] {
  return [
    `address add ${router.primary.address}/24 dev ${ROUTER_DEVICE.primary}`,
    `link set ${ROUTER_DEVICE.primary} up`,
    `route add default via ${router.primary.gateway}`,
  ];
}

/** Makes the fabric obey: routes of the private tables, public addresses, source/destination checks. */
export async function applyState(lab: Topology, state: CloudState): Promise<void> {
  await inside(lab.vpc.namespace, ["nft", "-f", "-"], gateway(lab, state));
  const routes = lab.zones.map((_, index) => {
    const owner = state.routes[index] ?? 0;
    const address = lab.zones[owner]?.nat.address ?? "";
    const isUp = state.attached[owner] ?? false;
    return isUp
      ? `route replace default via ${address} dev ${cable.nat(owner)} onlink table ${101 + index}`
      : `route replace blackhole default table ${101 + index}`;
  });
  await ipBatch(lab.vpc.namespace, routes);
  for (const [index, isAttached] of state.attached.entries()) if (isAttached) await unparkInterface(lab, index);
}

const LINK_LOCAL = "169.254.0.0/16";

const orNone = (addresses: readonly string[]): string => addresses.join(", ") || "0.0.0.0";

const mapText = (name: string, elements: readonly string[]): string => `map ${name} {
    type ipv4_addr : ipv4_addr
    ${elements.length > 0 ? `elements = { ${elements.join(", ")} }` : ""}
  }`;

// The internet gateway translates one to one and without state, as the real one does, and drops every other source.
// The counter of what it drops lives in a table of its own, because the other is replaced with every change.
function gateway(lab: Topology, state: CloudState): string {
  const pairs = Object.entries(state.publicAddresses).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const outward = pairs.map(([publicAddress, address]) => `${address} : ${publicAddress}`);
  const inward = pairs.map(([publicAddress, address]) => `${publicAddress} : ${address}`);
  const carried = orNone(pairs.map(([, address]) => address));
  const known = orNone([...pairs.map(([publicAddress]) => publicAddress), lab.internet.gateway]);
  // What a router has to translate; its own addresses may be without a public one for a while.
  const hidden = [...lab.zones.map(({ client }) => client.range), LINK_LOCAL].join(", ");
  return `table ip leak {
  counter private_source { packets 0 bytes 0 }
  set sources { type ipv4_addr; size 1024; flags dynamic; }
  chain post { type filter hook postrouting priority 300; }
}
table ip igw {
}
delete table ip igw
table ip igw {
  ${mapText("outward", outward)}
  ${mapText("inward", inward)}
  chain pre {
    type filter hook prerouting priority raw;
    iifname "${cable.internet}" ip daddr set ip daddr map @inward
  }
  chain check {
    type filter hook forward priority filter;
    ${checkRules(lab, state).join("\n    ")}
  }
  chain post {
    type filter hook postrouting priority srcnat;
    oifname "${cable.internet}" ip saddr { ${carried} } ip saddr set ip saddr map @outward
  }
}
flush chain ip leak post
add rule ip leak post oifname "${cable.internet}" ip saddr { ${hidden} } add @sources { ip saddr } counter name private_source drop
add rule ip leak post oifname "${cable.internet}" ip saddr != { ${known} } drop
`;
}

// The source/destination check: an interface neither sends nor gets what is not its own.
function checkRules(lab: Topology, state: CloudState): string[] {
  return lab.zones.flatMap(({ nat }, index) => {
    const own = `{ ${nat.address}, ${nat.standby} }`;
    const name = cable.nat(index);
    return state.unchecked[index]
      ? []
      : [`iifname "${name}" ip saddr != ${own} drop`, `oifname "${name}" ip daddr != ${own} drop`];
  });
}

/** Packets with a private source that reached the gateway since its last change: what must stay 0. */
export async function leakedPackets(lab: Topology): Promise<number> {
  const text = await inside(lab.vpc.namespace, ["nft", "-j", "list", "counters", "table", "ip", "leak"]);
  const { nftables } = JSON.parse(text) as { nftables: Array<{ counter?: { packets: number } }> };
  return nftables.reduce((sum, { counter }) => sum + (counter?.packets ?? 0), 0);
}
