import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LAB_FOLDER, launchAgent, launchTraffic, stopTraffic } from "../lab-commands.ts";
import { inside, killPrograms } from "../namespaces.ts";
import type { Topology } from "../topology.ts";
import { type Fault, inRouter, NAT_DEVICE } from "./fault.ts";

const dies =
  (index: 0 | 1): Fault =>
  async (lab) => {
    await killPrograms(lab.zones[index].router.namespace);
    await inRouter(index, `ip link set ${NAT_DEVICE} down`)(lab);
  };

const returns =
  (index: 0 | 1): Fault =>
  async (lab) => {
    await inRouter(index, `ip link set ${NAT_DEVICE} up`)(lab);
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

const target =
  (action: "add" | "delete"): Fault =>
  async ({ internet }) =>
    void (await inside(internet.namespace, ["ip", "address", action, `${internet.servers[2]}/24`, "dev", "eth0"]));

/** Both interfaces, while kernel and agent go on: what a cable or a host does. */
const cable = (index: 0 | 1, state: "down" | "up"): Fault => {
  const lines = ["ens5", NAT_DEVICE].map((device) => `ip link set ${device} ${state}`);
  // The primary's route goes with its link; on an instance DHCP brings it back.
  if (state === "up") lines.push(`ip route replace default via 10.0.${index + 1}.1 dev ens5`);
  return inRouter(index, lines.join("; "));
};

const signal =
  (index: 0 | 1, name: NodeJS.Signals): Fault =>
  async () => {
    const pid = await readFile(join(LAB_FOLDER, `router-${"ab"[index]}.pid`), "utf8");
    process.kill(Number(pid), name);
  };

/** A heartbeat of nobody: no signature, no field that is known. */
const garbage: Fault = async ({ zones: [a, b] }) => {
  const script = `const s=require("node:dgram").createSocket("udp4");s.bind(0,"${b.nat.address}",()=>s.send("{}",7946,"${a.nat.address}",()=>s.close()))`;
  await inside(b.router.namespace, [process.execPath, "-e", script]);
};

/** From an address that no zone names: its packets must not leave. */
const stranger: Fault = async ({ zones: [{ client }], internet }) => {
  const address = "192.168.5.5";
  const line = `ip address replace ${address}/32 dev eth0; ping -q -c 5 -i 0.2 -W 1 -I ${address} ${internet.servers[0]} || true; ip address delete ${address}/32 dev eth0`;
  await inside(client.namespace, ["sh", "-ec", line]);
};

const busy: Fault = async ({ internet }: Topology) => launchTraffic(internet.servers.slice(0, 3));

/** What befalls routers, their cables, their targets and their clients. */
export const PAIR_FAULTS: Readonly<Record<string, Fault>> = {
  "router-a-dies": dies(0),
  "router-a-returns": returns(0),
  "router-b-dies": dies(1),
  "router-b-returns": returns(1),
  "router-b-unplugged": cable(1, "down"),
  "router-b-plugged": cable(1, "up"),
  "agent-b-stopped": signal(1, "SIGSTOP"),
  "agent-b-goes-on": signal(1, "SIGCONT"),
  "link-cut": link("add"),
  "link-repaired": link("delete"),
  "target-dies": target("delete"),
  "target-returns": target("add"),
  "garbage-datagram": garbage,
  "stranger-sends": stranger,
  "zone-b-busy": busy,
  "zone-b-quiet": async () => stopTraffic(),
};
