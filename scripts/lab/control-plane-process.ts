// Runs inside the lab's internet: the control plane on port 4566, and a line protocol on stdin/stdout for whoever started it.
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { KEYS_RECORD } from "../../node-agent/src/core/router/failover/heartbeat-keys.ts";
import { type Cloud, type CloudFault, controlPlane } from "./control-plane.ts";
import { applyState, type CloudState, initialState } from "./fabric.ts";
import { topology } from "./topology.ts";

const lab = topology(process.argv[2] ?? "lab");
const cloud: { state: CloudState } & Cloud = { state: initialState(lab), faults: [], calls: [], leases: new Map() };
const server = controlPlane(lab, cloud, (state) => applyState(lab, state));

type Order =
  | { readonly order: "state" }
  | { readonly order: "faults"; readonly faults: readonly CloudFault[] }
  | { readonly order: "change"; readonly state: Partial<CloudState> };

const faultsFile = process.argv[3];
// A lab that a person uses has nobody who gives orders: what its AWS does wrong is in a file.
if (faultsFile !== undefined)
  server.prependListener("request", () => {
    const faults = existsSync(faultsFile) ? (JSON.parse(readFileSync(faultsFile, "utf8")) as CloudFault[]) : [];
    cloud.faults.splice(0, cloud.faults.length, ...faults);
  });

server.listen(4566, "0.0.0.0", () => process.stdout.write("ready\n"));
// Without anybody who gives orders it goes on.
createInterface({ input: process.stdin }).on("line", (line) => {
  void execute(JSON.parse(line) as Order).then(() => {
    const { state, faults, calls, leases } = cloud;
    const zones = [...leases].filter(([zone]) => zone !== KEYS_RECORD);
    process.stdout.write(`${JSON.stringify({ state, faults, calls, leases: Object.fromEntries(zones) })}\n`);
  });
});

async function execute(order: Order): Promise<void> {
  if (order.order === "faults") cloud.faults.splice(0, cloud.faults.length, ...order.faults);
  if (order.order !== "change") return;
  cloud.state = { ...cloud.state, ...order.state };
  await applyState(lab, cloud.state);
}
