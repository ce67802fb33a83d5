import { isAddress } from "../addresses.ts";
import type { Port } from "../stack.ts";
import type { Cursor } from "./cursor.ts";

const MAX_PORT = 65_535;
const PROTOCOLS = new Set(["tcp", "udp", "sctp"]);

/** The `ports` of a service; Compose has made one port each of ranges. */
export const readPorts = (ports: Cursor): Port[] => ports.items().flatMap(readPort);

function readPort(item: Cursor): Port[] {
  const port = {
    target: item.at("target").whole() ?? 0,
    protocol: item.at("protocol").text() ?? "tcp",
    published: item.at("published").text() ?? "",
    hostIp: item.at("host_ip").text() ?? "",
  };
  const wrong = wrongIn(port);
  return wrong === undefined ? [port] : (item.refuseValue(wrong.why, wrong.value) ?? []);
}

function wrongIn({ target, protocol, published, hostIp }: Port): { why: string; value: string } | undefined {
  const told = (value: string, why: string) => ({ value, why: `"${value}" ${why}` });
  if (!isPort(target)) return told(String(target), "is not a port from 1 to 65535");
  if (!PROTOCOLS.has(protocol)) return told(protocol, "is not a protocol: use tcp, udp or sctp");
  if (published !== "" && !readRange(published, 0)) return told(published, "is not a port or a range of ports");
  // Anything else is published on every address of the machine, in silence.
  if (hostIp !== "" && !isAddress(hostIp)) return told(hostIp, "is not an IP address of this machine");
  return undefined;
}

/** The `expose` of a service: one port each, with the protocol where one is given. */
export function readExpose(expose: Cursor): string[] {
  return expose.items().flatMap((item) => {
    const text = item.text();
    if (text === undefined) return [];
    const [range = "", protocol, ...more] = text.split("/");
    const numbers = readRange(range);
    const isKnown = protocol === undefined || PROTOCOLS.has(protocol);
    if (!numbers || !isKnown || more.length > 0) return item.refuse(`"${text}" is not a port`) ?? [];
    return numbers.map((number) => (protocol === undefined ? `${number}` : `${number}/${protocol}`));
  });
}

const isPort = (number: number): boolean => Number.isInteger(number) && number >= 1 && number <= MAX_PORT;

function readRange(text: string, lowest = 1): number[] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first < lowest || last > MAX_PORT || last < first) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
