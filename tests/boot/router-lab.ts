import type { AddressInfo } from "node:net";
import { type Cloud, controlPlane } from "../../scripts/lab/control-plane.ts";
import { applyState, type CloudState, initialState, parkInterface } from "../../scripts/lab/fabric.ts";
import { ipBatch, removeNamespace } from "../../scripts/lab/namespaces.ts";
import { nodeDocument } from "../../scripts/lab/node-documents.ts";
import { type Lab, openLab } from "../nat/lab.ts";
import type { Instance } from "./instance.ts";
import { docker } from "./machine-images.ts";
import type { World } from "./world.ts";

/** A VPC with one private subnet and servers outside, whose router is an instance of the world. */
export interface RouterLab {
  /** Members of the router's node document that differ from the plan's. */
  readonly document: object;
  /** Further arguments of docker create for it. */
  readonly create: readonly string[];
  /** EC2's calls in order. */
  readonly calls: readonly string[];
  /** Gives the machine that was just started the interface, where it is attached; a new network belongs to each start. */
  plug(instance: Instance): Promise<void>;
  /** What a machine that is down leaves behind: its interface, still attached, or free for another machine. */
  unplug(isAttached: boolean): Promise<void>;
  /** Address that a server outside sees of a client in the private subnet; why there is none. */
  seenFromOutside(): Promise<string>;
  /** The zone's public address. */
  readonly publicAddress: string;
  /** Packets that reached the internet's gateway with a private source. */
  leaked(): Promise<number>;
  close(): Promise<void>;
}

const ZONE = 0;
/** Calls of a router that moto does not answer by moving packets. */
const ROUTED = new Set(["AttachNetworkInterface", "ModifyNetworkInterfaceAttribute"]);

export async function openRouterLab({ standIn, name }: World): Promise<RouterLab> {
  const lab = await openLab(name.replace(/^greenleaf-boot-|-\d+$/g, ""));
  const state: CloudState = { ...initialState(lab.lab), attached: [false, true], unchecked: [false, true] };
  await parkInterface(lab.lab, ZONE);
  await applyState(lab.lab, state);
  await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
  const cloud: { state: CloudState } & Cloud = { state, faults: [], calls: [], leases: new Map() };
  const control = controlPlane(lab.lab, cloud, (next) => applyState(lab.lab, next));
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
  const { port } = control.address() as AddressInfo;
  standIn.elsewhere = ({ action }) => (ROUTED.has(action) ? `http://127.0.0.1:${port}` : undefined);
  const { router } = lab.zone(ZONE);
  return {
    document: documentOf(lab),
    // What a machine that Docker did not configure has.
    create: ["--sysctl", "net.ipv4.ip_forward=0"],
    get calls() {
      return cloud.calls.map(({ action }) => action);
    },
    plug: async (instance) => {
      await removeNamespace(router.namespace);
      const pid = docker("inspect", "--format", "{{.State.Pid}}", instance.name);
      await ipBatch(undefined, [`netns attach ${router.namespace} ${pid}`]);
      await applyState(lab.lab, cloud.state);
    },
    unplug: async (isAttached) => {
      if (cloud.state.attached[ZONE]) await parkInterface(lab.lab, ZONE);
      cloud.state = { ...cloud.state, attached: [isAttached, true] };
    },
    seenFromOutside: async () => {
      const { stdout } = await lab.ask(lab.client(ZONE), "tcp", lab.internet.servers[0] ?? "", "8");
      return stdout;
    },
    publicAddress: lab.zone(ZONE).publicAddress,
    leaked: () => lab.leaked(),
    close: async () => {
      control.closeAllConnections();
      await new Promise((resolve) => void control.close(resolve));
      await lab.remove();
    },
  };
}

// One zone, as the environment of these tests has; its other members are the plan's.
function documentOf(lab: Lab): object {
  const { router } = nodeDocument(lab.lab, ZONE);
  return { router: { vpc: router.vpc, zones: [router.zones[0]], probes: router.probes } };
}
