import type { LabView, RouterView } from "./lab-view.ts";

/** Who routes what, for a terminal: the routes themselves, and what both routers tell. */
export function picture({ zones, routers }: LabView): string {
  const routes = zones.map(({ name, range, owner }) => `zone ${name}  ${range} -> ${owner ?? "NOBODY"}`);
  return [...routes, ...routers.flatMap(routerLines)].join("\n");
}

function routerLines({ name, agent, status, address, publicAddress }: RouterView): string[] {
  if (agent === "no status") return [`${name}  no status`];
  if (status === undefined) return [`${name}  its agent is ${agent}`];
  const probe = status.probe.isProven ? `${status.probe.ms} ms` : "NOT PROVEN";
  const served = status.zones.map((each) => `${each.name} ${each.isServed ? "SERVED" : "-"}`).join("   ");
  return [
    `${name}  ${address} as ${publicAddress}   probe ${probe}   other router: ${status.peer?.state ?? "none"}`,
    `          ${served}`,
    `          ${status.event} (${status.since})`,
  ];
}
