import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/**
 * Set by Caddy on every request, over whatever a client sends under this name: Cloudflare's word where the origin header
 * is right, its own peer otherwise. Other lists of addresses (X-Forwarded-For, Forwarded) are the client's own words.
 */
const HEADER = "x-greenleaf-client";

/** Who asks, for counting: an IPv4 address, or the /64 of an IPv6 address, which is what one customer is given. */
export function clientAddress(headers: IncomingHttpHeaders, peer: string | undefined): string {
  const said = headers[HEADER];
  const address = [typeof said === "string" ? said.trim() : "", peer ?? ""].find((each) => isIP(each) !== 0);
  return address === undefined ? "unknown" : networkOf(address);
}

function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(address) === 4) return address;
  const [head = "", tail] = (address.toLowerCase().split("%")[0] ?? "").split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const [first, last] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const all = [...first, ...Array.from({ length: zeros }, () => "0"), ...last];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
