import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROUTER_STATUS_PATH } from "../../node-agent/src/base/paths.ts";
import { parseRouterStatus, type RouterStatus } from "../../node-agent/src/core/router/status.ts";
import { inside } from "./namespaces.ts";
import { cable, type Topology } from "./topology.ts";

/** An agent writes its status twice a second. */
const STALE_MS = 2_000;

/** What the agent of a root last wrote. */
export function statusOf(root: string): RouterStatus | undefined {
  const path = join(root, ROUTER_STATUS_PATH);
  return existsSync(path) ? parseRouterStatus(readFileSync(path, "utf8")) : undefined;
}

/** Whose interface each private table names, as the fabric has it. */
async function routes(lab: Topology): Promise<string[]> {
  const tables = await Promise.all(
    lab.zones.map((_, index) => inside(lab.vpc.namespace, ["ip", "route", "show", "table", String(101 + index)])),
  );
  return lab.zones.map(({ name, client }, index) => {
    const owner = lab.zones.findIndex((_, at) => tables[index]?.includes(`dev ${cable.nat(at)} `));
    return `zone ${name}  ${client.range} -> ${owner === -1 ? "NOBODY" : `router ${"ab"[owner]}`}`;
  });
}

/** Who routes what: the routes themselves, and what both routers tell. */
export async function picture(lab: Topology, folder: string): Promise<string> {
  const lines = lab.zones.flatMap((_, index) => routerLines(lab, { index, folder }));
  return [...(await routes(lab)), ...lines].join("\n");
}

function routerLines(lab: Topology, { index, folder }: { index: number; folder: string }): string[] {
  const name = `router-${"ab"[index]}`;
  const title = `router ${"ab"[index]}  `;
  const zone = lab.zones[index];
  const status = statusOf(join(folder, name));
  // What it wrote last is not true any more.
  if (!isAlive(join(folder, `${name}.pid`))) return [`${title}its agent is dead`];
  if (status === undefined || zone === undefined) return [`${title}no status`];
  const quietMs = Date.now() - Date.parse(status.written);
  if (quietMs > STALE_MS) return [`${title}its agent is silent for ${Math.round(quietMs / 1000)} s`];
  const probe = status.probe.isProven ? `${status.probe.ms} ms` : "NOT PROVEN";
  const served = status.zones.map((each) => `${each.name} ${each.isServed ? "SERVED" : "-"}`).join("   ");
  return [
    `${title}${zone.nat.address} as ${zone.publicAddress}   probe ${probe}   other router: ${status.peer?.state ?? "none"}`,
    `          ${served}`,
    `          ${status.event} (${status.since})`,
  ];
}

function isAlive(path: string): boolean {
  if (!existsSync(path)) return false;
  return existsSync(`/proc/${readFileSync(path, "utf8")}`);
}
