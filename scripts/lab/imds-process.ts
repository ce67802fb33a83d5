// Runs inside a router: its metadata service at 169.254.169.254, and orders for it on stdin, one JSON line each.
import { createInterface } from "node:readline";
import { fakeImds, type ImdsFault, type ImdsState } from "./imds.ts";
import { topology } from "./topology.ts";

const [name = "lab", index = "0"] = process.argv.slice(2);
const state: ImdsState = { fault: "none", requests: [] };
fakeImds(topology(name).zones[index === "0" ? 0 : 1], state).listen(80, "169.254.169.254", () =>
  process.stdout.write("ready\n"),
);
createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line) as { fault?: ImdsFault };
  if (order.fault !== undefined) state.fault = order.fault;
  process.stdout.write(`${JSON.stringify(state)}\n`);
});
