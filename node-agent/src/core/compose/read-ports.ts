import type { Cursor } from "./cursor.ts";
import type { Port } from "./stack.ts";

const MAX_PORT = 65_535;
const SHORT = /^(?:(?:(\[[^\]]*\]|[^:[\]]*):)?([\d-]*):)?([\d-]+)(?:\/(\w+))?$/;

/** The `ports` of a service; ranges become one port each. */
export function readPorts(ports: Cursor): Port[] {
  return ports.items().flatMap((item) => (typeof item.value === "object" ? longForm(item) : shortForm(item)));
}

/** The `expose` of a service, with ranges kept as written and the protocol where one is given. */
export function readExpose(expose: Cursor): string[] {
  return expose.items().flatMap((item) => {
    const text = item.text();
    if (text === undefined) return [];
    const [range = "", protocol] = text.split("/");
    const numbers = readRange(range);
    if (!numbers) return item.refuse(`"${text}" is not a port`) ?? [];
    return numbers.map((number) => (protocol === undefined ? `${number}` : `${number}/${protocol}`));
  });
}

function shortForm(item: Cursor): Port[] {
  const text = item.text() ?? "";
  const match = SHORT.exec(text);
  const targets = match && readRange(match[3] ?? "");
  if (!match || !targets) return item.refuse(`"${text}" is not a port mapping such as 8080:80`) ?? [];
  const [, ip = "", published = "", , protocol = "tcp"] = match;
  return spread(item, { targets, published, hostIp: ip.replace(/^\[(.*)\]$/, "$1"), protocol });
}

function longForm(item: Cursor): Port[] {
  const target = item.at("target");
  const number = target.whole();
  if (number === undefined || number < 1 || number > MAX_PORT) {
    return target.refuse("must be a port from 1 to 65535") ?? [];
  }
  const published = item.at("published").text() ?? "";
  const protocol = item.at("protocol").text() ?? "tcp";
  return spread(item, { targets: [number], published, hostIp: item.at("host_ip").text() ?? "", protocol });
}

interface Ranges {
  targets: readonly number[];
  published: string;
  hostIp: string;
  protocol: string;
}

function spread(item: Cursor, { targets, published, hostIp, protocol }: Ranges): Port[] {
  if (!["tcp", "udp", "sctp"].includes(protocol)) return item.refuse(`protocol "${protocol}" is not known`) ?? [];
  if (published === "") return targets.map((target) => ({ target, protocol, published: "", hostIp }));
  const numbers = readRange(published, 0);
  if (!numbers) return item.refuse(`"${published}" is not a port or a range of ports`) ?? [];
  // One port in the container may be given any of a range: the engine chooses.
  if (targets.length === 1) return targets.map((target) => ({ target, protocol, published, hostIp }));
  if (numbers.length !== targets.length) return item.refuse("both ranges must be of one length") ?? [];
  return targets.map((target, index) => ({ target, protocol, published: String(numbers[index]), hostIp }));
}

function readRange(text: string, lowest = 1): number[] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first < lowest || last > MAX_PORT || last < first) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
