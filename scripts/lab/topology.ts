/** One availability zone of the lab: a private client, a router and its fixed interface. */
export interface LabZone {
  readonly name: string;
  readonly client: {
    readonly namespace: string;
    readonly address: string;
    readonly gateway: string;
    readonly range: string;
  };
  readonly router: {
    readonly namespace: string;
    readonly instanceId: string;
    /** Its own public address is how a new router reaches the control plane before NAT stands. */
    readonly primary: { readonly address: string; readonly gateway: string; readonly publicAddress: string };
  };
  readonly nat: {
    readonly interfaceId: string;
    readonly mac: string;
    readonly address: string;
    readonly standby: string;
    readonly gateway: string;
  };
  readonly routeTable: string;
  readonly allocation: string;
  readonly publicAddress: string;
}

export interface Topology {
  readonly name: string;
  readonly vpc: { readonly namespace: string; readonly range: string };
  readonly internet: { readonly namespace: string; readonly gateway: string; readonly servers: readonly string[] };
  readonly zones: readonly [LabZone, LabZone];
}

/** Every namespace of every lab begins with this, so that nothing else is ever removed. */
export const LAB_PREFIX = "gl-nat-";
export const VPC_RANGE = "10.0.0.0/16";
export const PUBLIC_RANGE = "203.0.113.0/24";

export function topology(name: string): Topology {
  const namespace = (part: string) => `${LAB_PREFIX}${name}-${part}`;
  return {
    name,
    vpc: { namespace: namespace("vpc"), range: VPC_RANGE },
    internet: {
      namespace: namespace("inet"),
      gateway: "198.51.100.1",
      servers: [2, 3, 4, 5].map((host) => `198.51.100.${host}`),
    },
    zones: [zone(namespace, 1), zone(namespace, 2)],
  };
}

function zone(namespace: (part: string) => string, index: 1 | 2): LabZone {
  const letter = index === 1 ? "a" : "b";
  const subnet = `10.0.${index}`;
  return {
    name: `eu-west-3${letter}`,
    client: {
      namespace: namespace(`c${index}`),
      address: `10.0.${9 + index}.10`,
      gateway: `10.0.${9 + index}.1`,
      range: `10.0.${9 + index}.0/24`,
    },
    router: {
      namespace: namespace(`r${index}`),
      instanceId: `i-000000000000000${letter}`,
      primary: { address: `${subnet}.5`, gateway: `${subnet}.1`, publicAddress: `203.0.113.${index * 10 + 1}` },
    },
    nat: {
      interfaceId: `eni-0000000000000000${letter}`,
      mac: `02:00:00:00:0${index}:10`,
      address: `${subnet}.10`,
      standby: `${subnet}.11`,
      gateway: `${subnet}.1`,
    },
    routeTable: `rtb-0000000000000000${letter}`,
    allocation: `eipalloc-0000000000000000${letter}`,
    publicAddress: `203.0.113.${index * 10}`,
  };
}

/** Names of the fabric's ends of the lab's cables, in the vpc namespace. */
export const cable = {
  client: (index: number): string => `e-c${index + 1}`,
  primary: (index: number): string => `e-r${index + 1}p`,
  nat: (index: number): string => `e-r${index + 1}n`,
  internet: "igw",
} as const;

/** Names inside a router: as the kernel of an EC2 instance gives them. */
export const ROUTER_DEVICE = { primary: "ens5", nat: "ens6" } as const;
