import type { RouterZone } from "../../node-agent/src/core/router/document.ts";
import type { LabZone, Topology } from "./topology.ts";

/** The probes' targets: three servers of the lab's internet. */
export const PROBE_PORT = 443;
/** Where the lab's control plane answers, on the last server. */
export const CONTROL_PORT = 4566;

function routerZone(zone: LabZone): RouterZone {
  return {
    name: zone.name,
    sources: [zone.client.range],
    interface: zone.nat.interfaceId,
    mac: zone.nat.mac,
    address: `${zone.nat.address}/24`,
    standby: zone.nat.standby,
    allocation: zone.allocation,
    routeTable: zone.routeTable,
  };
}

/** The node document user_data would write for the router of a zone; its own zone first. */
export function nodeDocument(lab: Topology, index: number) {
  const [first, second] = index === 0 ? lab.zones : ([lab.zones[1], lab.zones[0]] as const);
  return {
    version: 1,
    project: "greenleaf",
    environment: "lab",
    role: "router",
    parameters: "/greenleaf/lab",
    release: "file:///none",
    region: "eu-west-3",
    endpoints: { aws: `http://${lab.internet.servers[3]}:${CONTROL_PORT}`, imds: "none" },
    router: {
      vpc: [lab.vpc.range],
      zones: [routerZone(first), routerZone(second)],
      lease: "dynamodb:greenleaf-lab-lease",
      probes: lab.internet.servers.slice(0, 3).map((server) => `${server}:${PROBE_PORT}`),
    },
  };
}
