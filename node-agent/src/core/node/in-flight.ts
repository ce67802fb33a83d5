const ESTABLISHED = "01";
const LISTEN = "0A";

/**
 * How many connections a proxy holds to the apps behind it, from the tables of its network (/proc/PID/net/tcp, tcp6).
 * Each request under way holds one, and idle ones close after Caddy's `keepalive` (3 s). Connections from outside do
 * not count: a load balancer keeps idle ones open for a minute, and they say nothing of requests.
 */
export function connectionsToApps(tables: string): number {
  const sockets = tables.split("\n").flatMap(readSocket);
  const listening = new Set(sockets.filter(({ state }) => state === LISTEN).map(({ localPort }) => localPort));
  return sockets.filter(
    ({ state, localPort, remote }) => state === ESTABLISHED && !listening.has(localPort) && !isLoopback(remote),
  ).length;
}

/** How many connections others hold to what listens in a container, at any port or these, from the tables of its network. */
export function connectionsInto(tables: string, ports?: readonly number[]): number {
  const sockets = tables.split("\n").flatMap(readSocket);
  const listening = new Set(
    sockets
      .filter(({ state, localPort }) => state === LISTEN && (ports?.includes(Number.parseInt(localPort, 16)) ?? true))
      .map(({ localPort }) => localPort),
  );
  return sockets.filter(
    ({ state, localPort, remote }) => state === ESTABLISHED && listening.has(localPort) && !isLoopback(remote),
  ).length;
}

interface Socket {
  localPort: string;
  remote: string;
  state: string;
}

// `  0: 0100007F:1F91 00000000:0000 0A ...`
function readSocket(line: string): Socket[] {
  const found = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+):[0-9A-F]{4} ([0-9A-F]{2}) /.exec(line);
  const [, localPort, remote, state] = found ?? [];
  return localPort && remote && state ? [{ localPort, remote, state }] : [];
}

// Addresses are in host byte order: 127.x.y.z ends in 7F, ::1 is 0...01000000.
function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith("7F");
  return address === "00000000000000000000000001000000" || /^0{16}FFFF0000[0-9A-F]{6}7F$/.test(address);
}
