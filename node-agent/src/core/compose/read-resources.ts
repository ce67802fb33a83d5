import type { Cursor } from "./cursor.ts";
import { texts } from "./read-service.ts";
import type { StackNetwork, StackVolume } from "./stack.ts";

const IPAM_FIELDS = { subnet: "Subnet", ip_range: "IPRange", gateway: "Gateway" } as const;

/** The networks some service is on; `default` need not be written in the file. */
export function readNetworks(networks: Cursor, project: string): StackNetwork[] {
  const keys = new Set(["default", ...networks.entries().map(([key]) => key)]);
  return [...keys].sort().map((key) => readNetwork(key, networks.at(key), project));
}

function readNetwork(key: string, network: Cursor, project: string): StackNetwork {
  const external = network.at("external").flag() ?? false;
  const driver = network.at("driver").text() ?? "";
  if (driver !== "" && driver !== "bridge") network.at("driver").refuse(`"${driver}" is not supported: use bridge`);
  return {
    key,
    name: network.at("name").text() ?? (external ? key : `${project}_${key}`),
    external,
    driver,
    internal: network.at("internal").flag() ?? false,
    attachable: network.at("attachable").flag() ?? false,
    ipv6: network.at("enable_ipv6").flag() ?? false,
    options: texts(network.at("driver_opts")),
    labels: texts(network.at("labels")),
    ipam: readIpam(network.at("ipam")),
  };
}

function readIpam(ipam: Cursor): StackNetwork["ipam"] {
  const driver = ipam.at("driver").text();
  const pools = ipam
    .at("config")
    .items()
    .map((pool) => {
      const fields = Object.entries(IPAM_FIELDS).map(([key, field]) => [field, pool.at(key).text()] as const);
      return Object.fromEntries(fields.filter((entry): entry is [(typeof entry)[0], string] => entry[1] !== undefined));
    });
  return { ...(driver === undefined ? {} : { Driver: driver }), Config: pools };
}

export function readVolumes(volumes: Cursor, project: string): StackVolume[] {
  return volumes.entries().map(([key, volume]) => readVolume(key, volume, project));
}

function readVolume(key: string, volume: Cursor, project: string): StackVolume {
  const external = volume.at("external").flag() ?? false;
  const driver = volume.at("driver").text() ?? "";
  if (driver !== "" && driver !== "local") volume.at("driver").refuse(`"${driver}" is not supported: use local`);
  return {
    key,
    name: volume.at("name").text() ?? (external ? key : `${project}_${key}`),
    external,
    driver,
    options: texts(volume.at("driver_opts")),
    labels: texts(volume.at("labels")),
  };
}
