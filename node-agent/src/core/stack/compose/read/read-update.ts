import { isMovable } from "../../front/front.ts";
import type { Service, Update } from "../stack.ts";
import type { Cursor } from "./cursor.ts";

const ORDERS = ["start-first", "stop-first"];
/** How long a new container is watched under traffic before the old one goes, where the file says nothing. */
const MONITOR_MS = 5_000;
/** A rollout waits this long for each service: half an hour of it would be no boot any more. */
const MOST_MONITOR_MS = 300_000;

/** How a service is replaced. Two containers of it live side by side for a while: what only one may hold is refused. */
export function readUpdate(config: Cursor, service: Pick<Service, "ports" | "mounts" | "networks">): Update {
  const order = config.at("order");
  const text = order.text() ?? "stop-first";
  if (!ORDERS.includes(text)) order.refuse(`"${text}" is not one of ${ORDERS.join(", ")}`);
  const monitorMs = readMonitor(config.at("monitor"));
  if (text !== "start-first") return { order: "stop-first", monitorMs };
  for (const problem of sharedThings(service)) order.refuse(`start-first is not possible: ${problem}`);
  return { order: "start-first", monitorMs };
}

function readMonitor(monitor: Cursor): number {
  const nanoseconds = monitor.nanoseconds();
  if (nanoseconds === undefined) return MONITOR_MS;
  const ms = Math.trunc(nanoseconds / 1e6);
  if (ms > MOST_MONITOR_MS) monitor.refuse(`is more than ${MOST_MONITOR_MS / 1000}s`);
  return ms;
}

function sharedThings({ ports, mounts, networks }: Pick<Service, "ports" | "mounts" | "networks">): string[] {
  const written = mounts.filter(({ type, readOnly }) => type !== "tmpfs" && !readOnly);
  const isFixed = networks.some(({ ipv4, ipv6 }) => ipv4 !== undefined || ipv6 !== undefined);
  return [
    ...(ports.every(isMovable) ? [] : ["only TCP ports of IPv4 that are numbers can be moved to another holder"]),
    ...(isFixed ? ["a fixed address has one holder"] : []),
    ...written.map(({ target }) => `the old and the new container would both write to ${target}`),
  ];
}
