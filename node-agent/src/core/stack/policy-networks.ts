import { isIpv4, isWithinSubnet } from "./compose/addresses.ts";
import type { StackNetwork } from "./compose/stack.ts";

/** Options of the bridge driver that concern the network alone; another one may name a bridge that is there already. */
const OPTIONS = new Set([
  "com.docker.network.driver.mtu",
  "com.docker.network.bridge.enable_icc",
  "com.docker.network.bridge.enable_ip_masquerade",
]);
/** RFC 1918. The engine routes a network's range to its bridge for the whole machine: nobody else's address may be in it. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
/** As RFC 4193 cuts them: one organisation's site. */
const SITE_BITS = 48;
/** `fd00:ec2::/32`: there AWS has its metadata, time and names. */
const AWS = { first: 0xfd00, second: 0xec2 };

/** What is wrong with a network of a release; `lent` are names of networks that the node document speaks of. */
export function networkProblems(
  { key, name, external, driver, options, ipam }: StackNetwork,
  lent: readonly string[],
): string[] {
  const at = (problem: string) => `networks.${key}: ${problem}`;
  if (name === "host" || name.startsWith("container:") || !["", "bridge"].includes(driver))
    return [at(`${driver || name} is not a network of its own; use driver bridge`)];
  if (external)
    return lent.includes(name) ? [] : [at(`${name} is external, and the node document names no such network`)];
  const unknown = Object.keys(options).filter((option) => !OPTIONS.has(option));
  const ranges = ipam.Config.flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Subnet]));
  return [
    ...unknown.map((option) => at(`option ${option} can reach beyond it (allowed: ${[...OPTIONS].join(", ")})`)),
    ...ranges
      .filter((range) => !isPrivate(range))
      .map((range) => at(`${range} would take addresses of others from this machine; use a private range`)),
  ];
}

function isPrivate(range: string): boolean {
  const [address = "", length = ""] = range.split("/");
  if (!isIpv4(address)) return isSite(address, Number(length));
  return PRIVATE.some((wide) => Number(length) >= Number(wide.split("/")[1]) && isWithinSubnet(address, wide));
}

function isSite(address: string, length: number): boolean {
  const [first = 0, second = 0] = address.split(":").map((group) => Number.parseInt(group || "0", 16));
  const isUnique = (first & 0xfe00) === 0xfc00;
  return isUnique && length >= SITE_BITS && !(first === AWS.first && second === AWS.second);
}
