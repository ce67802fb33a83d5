import { inside } from "../namespaces.ts";
import { ROUTER_DEVICE, type Topology } from "../topology.ts";

/** One thing that goes wrong in the lab, or is put right. */
export type Fault = (lab: Topology) => Promise<void>;

/** A shell line in the namespace of a router. */
export const inRouter =
  (index: 0 | 1, line: string): Fault =>
  async (lab) =>
    void (await inside(lab.zones[index].router.namespace, ["sh", "-ec", line]));

export const NAT_DEVICE = ROUTER_DEVICE.nat;
