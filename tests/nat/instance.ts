import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { parkInterface } from "../../scripts/lab/fabric.ts";
import { type Lab, openLab } from "./lab.ts";

/** An instance that was just launched: no fixed interface yet, metadata at its usual address. */
export async function newInstance(name: string) {
  const lab = await openLab(name);
  const path = join(lab.roots[0] ?? "", "etc/greenleaf/node.json");
  const document = JSON.parse(readFileSync(path, "utf8"));
  const { imds: _, ...endpoints } = document.endpoints;
  writeFileSync(path, JSON.stringify({ ...document, endpoints }));
  await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
  const cloud = await lab.startCloud();
  const imds = await lab.startImds(0);
  await parkInterface(lab.lab, 0);
  await cloud({ order: "change", state: { attached: [false, true], unchecked: [false, true] } });
  return { lab, cloud, imds };
}

/** A router without a fixed interface, on a machine without a default route. */
export async function plainRouter(name: string): Promise<Lab> {
  const lab = await openLab(name);
  await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
  const path = join(lab.roots[0] ?? "", "etc/greenleaf/node.json");
  const document = JSON.parse(readFileSync(path, "utf8"));
  const { name: zone, sources } = document.router.zones[0];
  document.router = { vpc: document.router.vpc, probes: document.router.probes, zones: [{ name: zone, sources }] };
  writeFileSync(path, JSON.stringify(document));
  await lab.inside(lab.router(0), "ip", "route", "delete", "default");
  return lab;
}

export const forwarding = async (lab: Lab) =>
  (await lab.inside(lab.router(0), "sysctl", "-n", "net.ipv4.ip_forward")).trim();

export async function translates(lab: Lab): Promise<void> {
  expect(await lab.ask(lab.client(0), "tcp", lab.internet.servers[0] ?? "", "8")).toMatchObject({
    stdout: lab.zone(0).publicAddress,
  });
  expect(await lab.leaked()).toBe(0);
}
