import { isAddress, isSubnet } from "../addresses.ts";
import type { StackNetwork, StackVolume } from "../stack.ts";
import type { Cursor } from "./cursor.ts";

const IPAM_FIELDS = { subnet: "Subnet", ip_range: "IPRange", gateway: "Gateway" } as const;
const LOCAL_OPTIONS = new Set(["type", "o", "device", "size"]);

/** The networks of the model; Compose has added `default` and every name. */
export const readNetworks = (networks: Cursor): StackNetwork[] =>
  networks.entries().map(([key, network]) => readNetwork(key, network));

function readNetwork(key: string, network: Cursor): StackNetwork {
  const driver = network.at("driver").text() ?? "";
  if (driver !== "" && driver !== "bridge") network.at("driver").refuse(`"${driver}" is not supported: use bridge`);
  return {
    key,
    name: network.at("name").text() ?? key,
    external: network.at("external").flag() ?? false,
    driver,
    internal: network.at("internal").flag() ?? false,
    attachable: network.at("attachable").flag() ?? false,
    ipv6: network.at("enable_ipv6").flag() ?? false,
    options: network.at("driver_opts").record(),
    labels: network.at("labels").record(),
    ipam: readIpam(network.at("ipam")),
  };
}

function readIpam(ipam: Cursor): StackNetwork["ipam"] {
  const driver = ipam.at("driver").text();
  if (driver !== undefined && driver !== "" && driver !== "default") {
    ipam.at("driver").refuse(`"${driver}" is not supported: use default`);
  }
  const pools = ipam
    .at("config")
    .items()
    .map((pool) => {
      const fields = Object.entries(IPAM_FIELDS).map(([key, field]) => [field, readRange(pool.at(key), key)] as const);
      return Object.fromEntries(fields.filter((entry): entry is [(typeof entry)[0], string] => entry[1] !== undefined));
    });
  return { ...(driver === undefined ? {} : { Driver: driver }), Config: pools };
}

function readRange(range: Cursor, key: string): string | undefined {
  const text = range.text();
  if (text === undefined) return undefined;
  if (key === "gateway" ? isAddress(text) : isSubnet(text)) return text;
  return range.refuse(`"${text}" is not ${key === "gateway" ? "an IP address" : "a subnet such as 10.0.0.0/24"}`);
}

export const readVolumes = (volumes: Cursor): StackVolume[] =>
  volumes.entries().map(([key, volume]) => readVolume(key, volume));

function readVolume(key: string, volume: Cursor): StackVolume {
  const driver = volume.at("driver").text() ?? "";
  if (driver !== "" && driver !== "local") volume.at("driver").refuse(`"${driver}" is not supported: use local`);
  const options = volume.at("driver_opts");
  for (const [name, option] of options.entries()) {
    if (!LOCAL_OPTIONS.has(name)) option.refuse(`driver local takes ${[...LOCAL_OPTIONS].join(", ")}`);
  }
  return {
    key,
    name: volume.at("name").text() ?? key,
    external: volume.at("external").flag() ?? false,
    driver,
    options: options.record(),
    labels: volume.at("labels").record(),
  };
}
