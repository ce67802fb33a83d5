import { ConfigurationError } from "../../../base/errors.ts";
import { isFlag, optional, parsed, shape } from "../../../base/shape.ts";
import type { NodeDocument } from "../../config/node-document.ts";
import { canonicalRouter, type RouterDocument, type RouterZone } from "../document.ts";

/** The address the router's own probe packets come from: link-local, so that only a translated one gets an answer. */
export const PROBE_ADDRESS = "169.254.77.2";
/** What it is called between its two passages through this kernel, so that they are two flows. */
export const PROBE_OUTSIDE = "169.254.77.3";
export const PROBE_RANGE = "169.254.77.0/29";
/** UDP between two routers: heartbeats, and the tunnel (VXLAN's own port) that carries probes through the other. */
export const HEARTBEAT_PORT = 7946;
export const TUNNEL_PORT = 4789;
/** TCP between two routers: connection state. */
export const STATE_PORT = 7947;
/** Ranges of the probe tunnel between two routers; the lower address is the lower router address's. */
export const TUNNEL_RANGE = "169.254.78.0/30";

/** NAT Gateway's limit, so that clients see what they know. */
const IDLE_SECONDS = 350;
const PROBES = ["1.1.1.1:443", "8.8.8.8:443", "9.9.9.9:443"];

/** A set of ranges and how their packets leave. */
export interface Translation {
  readonly name: string;
  readonly sources: readonly string[];
  /** `masquerade` takes the address of the interface the packet leaves by. */
  readonly to: "masquerade" | { readonly address: string };
  /** False drops the zone's packets: they belong to the other router now. */
  readonly served: boolean;
}

/** What the kernel shall do; rules, sysctls and routes are rendered from it and from nothing else. */
export interface NatConfig {
  readonly vpc: readonly string[];
  readonly translations: readonly Translation[];
  readonly peerAddress?: string;
  /** False lets flows without an entry begin in the middle: they are another router's that must survive. */
  readonly rejectLateFlows: boolean;
  /** True rejects only those that were seen to expire (flows/late-flows.ts), for as long as the daemon looks. */
  readonly judgesLateFlows: boolean;
  readonly idleSeconds: number;
  readonly probes: readonly string[];
}

/** What the running agent has decided since boot; kept in /run so that every command agrees on it. */
export interface RouterState {
  readonly serves: { readonly home: boolean; readonly peer: boolean };
  readonly rejectLateFlows: boolean;
  /** Absent in a file of an earlier version. */
  readonly judgesLateFlows?: boolean;
}

const isRouterState = shape({
  serves: shape({ home: isFlag, peer: isFlag }),
  rejectLateFlows: isFlag,
  judgesLateFlows: optional(isFlag),
});

/** Undefined for a file that is cut short or not of this version. */
export const parseRouterState = (text: string): RouterState | undefined =>
  parsed(text, isRouterState) as RouterState | undefined;

export const HOME_ONLY: RouterState = { serves: { home: true, peer: false }, rejectLateFlows: true };

export const addressOf = (range: string): string => range.split("/")[0] ?? range;

/** The router section of a node document; a node of another role has none. */
export function routerOf(document: NodeDocument): RouterDocument {
  if (document.role === "router" && document.router) return canonicalRouter(document.router);
  throw new ConfigurationError("nat: this node is not described as a router", {
    code: "node.not-router",
    why: document.role === "router" ? 'the node document has no "router" section' : `its role is ${document.role}`,
    fix: "give /etc/greenleaf/node.json role router and a router section (docs/router.md shows one)",
  });
}

export function natConfig(router: RouterDocument, state: RouterState): NatConfig {
  const [home, peer] = router.zones;
  return {
    vpc: router.vpc,
    translations: [
      { name: "probe", sources: [PROBE_RANGE], to: "masquerade", served: true },
      ...(home ? [homeTranslation(home, state)] : []),
      ...(peer ? [peerTranslation(home, peer, state)] : []),
    ],
    ...(peer?.address === undefined ? {} : { peerAddress: addressOf(peer.address) }),
    rejectLateFlows: state.rejectLateFlows,
    judgesLateFlows: state.judgesLateFlows === true,
    idleSeconds: router.idle ?? IDLE_SECONDS,
    probes: router.probes ?? PROBES,
  };
}

function homeTranslation(home: RouterZone, { serves }: RouterState): Translation {
  // A router that knows its address says so: while routes or rules of others send packets another way, they do not
  // leave under another name, which their flows would keep for life.
  const to = home.address === undefined ? ("masquerade" as const) : { address: addressOf(home.address) };
  return { name: home.name, sources: home.sources, to, served: serves.home };
}

// The other zone leaves by the standby address, which carries its public address, so that its flows keep their name.
function peerTranslation(home: RouterZone | undefined, peer: RouterZone, { serves }: RouterState): Translation {
  const to = home?.standby === undefined ? ("masquerade" as const) : { address: home.standby };
  return { name: peer.name, sources: peer.sources, to, served: serves.peer };
}
