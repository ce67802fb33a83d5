import { isIpv4, isIpv6 } from "../addresses.ts";
import type { ServiceNetwork } from "../stack.ts";
import type { Cursor } from "./cursor.ts";

/** The `networks` of a service, in the order they are connected. */
export function readServiceNetworks(networks: Cursor): ServiceNetwork[] {
  const listed = networks.entries().map(([key, connection]) => readConnection(key, connection));
  if (listed.length === 0) return [{ key: "default", aliases: [], priority: 0 }];
  return listed.sort((a, b) => b.priority - a.priority || (a.key < b.key ? -1 : 1));
}

function readConnection(key: string, connection: Cursor): ServiceNetwork {
  const ipv4 = readAddress(connection.at("ipv4_address"), isIpv4, "an IPv4 address");
  const ipv6 = readAddress(connection.at("ipv6_address"), isIpv6, "an IPv6 address");
  return {
    key,
    aliases: connection.at("aliases").texts(),
    priority: connection.at("priority").whole() ?? 0,
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
}

function readAddress(address: Cursor, isRight: (text: string) => boolean, what: string): string | undefined {
  const text = address.text();
  return text === undefined || isRight(text) ? text : address.refuse(`"${text}" is not ${what}`);
}
