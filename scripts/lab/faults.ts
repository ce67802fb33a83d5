import { UsageError } from "../../node-agent/src/base/errors.ts";
import { HAND_LAB, launchAgent } from "./lab-commands.ts";
import { inside, killPrograms } from "./namespaces.ts";
import type { LabZone, Topology } from "./topology.ts";

export type Fault = (lab: Topology) => Promise<void>;

const router = (lab: Topology, index: number): LabZone => lab.zones[index] as LabZone;

const dies =
  (index: number): Fault =>
  async (lab) => {
    const { namespace } = router(lab, index).router;
    await killPrograms(namespace);
    await inside(namespace, ["ip", "link", "set", "ens6", "down"]);
  };

const returns =
  (index: number): Fault =>
  async (lab) => {
    await inside(router(lab, index).router.namespace, ["ip", "link", "set", "ens6", "up"]);
    launchAgent(index);
  };

/** Cuts (or fixes) the way between the two routers, and nothing else. */
const link =
  (action: "add" | "delete"): Fault =>
  async (lab) => {
    const [a, b] = lab.zones;
    const rules = [[a.nat.address, b.nat.address] as const, [b.nat.address, a.nat.address] as const];
    for (const [from, to] of rules)
      await inside(lab.vpc.namespace, ["ip", "rule", action, "priority", "50", "from", from, "to", to, "blackhole"]);
  };

/** What can be broken by hand; each has a way back. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  "router-a-dies": dies(0),
  "router-a-returns": returns(0),
  "router-b-dies": dies(1),
  "router-b-returns": returns(1),
  "link-cut": link("add"),
  "link-repaired": link("delete"),
  "rule-deleted": async (lab) =>
    void (await inside(router(lab, 0).router.namespace, ["iptables", "-t", "nat", "-F", "GREENLEAF-NAT"])),
  "target-dies": async (lab) =>
    void (await inside(lab.internet.namespace, [
      "ip",
      "address",
      "delete",
      `${lab.internet.servers[2]}/24`,
      "dev",
      "eth0",
    ])),
  "target-returns": async (lab) =>
    void (await inside(lab.internet.namespace, [
      "ip",
      "address",
      "add",
      `${lab.internet.servers[2]}/24`,
      "dev",
      "eth0",
    ])),
};

export async function breakLab(name: string | undefined): Promise<number> {
  const fault = name !== undefined && Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  if (fault === undefined) {
    throw new UsageError(`the lab has no fault ${name ?? ""}`, {
      code: "usage.lab",
      why: `it has ${Object.keys(FAULTS).join(", ")}`,
      fix: "sudo ./greenleaf lab vpc break router-b-dies",
    });
  }
  await fault(HAND_LAB);
  return 0;
}
