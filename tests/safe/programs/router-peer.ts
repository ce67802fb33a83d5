// Inside the other router: sends what nobody means to a router's two ports, from the address it listens to.
import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import type { Heartbeat } from "../../../node-agent/src/core/router/failover/decision.ts";
import { HEARTBEAT_PORT, STATE_PORT } from "../../../node-agent/src/core/router/nat/config.ts";
import { Fuzz } from "../fuzz.ts";
import { exchange } from "../wire.ts";

const [own = "", router = "", seed = "1", count = "100"] = process.argv.slice(2);
const fuzz = new Fuzz(Number(seed));
const HEARTBEAT: Heartbeat = {
  router: "eni-other",
  isProven: true,
  isDoubtful: false,
  provenForMs: 1,
  serves: { home: true, peer: false },
  isDraining: false,
  isGiving: false,
};

const socket = createSocket("udp4").bind(0, own);
await new Promise((resolve) => socket.once("listening", resolve));
for (let sent = 0; sent < Number(count); sent += 1) {
  socket.send(fuzz.datagram(HEARTBEAT), HEARTBEAT_PORT, router, () => undefined);
  // A queue that overflows would hear less than was sent.
  if (sent % 20 === 0) await sleep(1);
}
socket.close();

const where = { host: router, port: STATE_PORT, localAddress: own };
const orders = [
  "snapshot",
  "events",
  "snapshot 0.0.0.0/0",
  "events 999.1.1.1/99",
  "events 10.0.0.0/8\n\n",
  "snapshot $(id)/1",
  "",
];
for (const order of orders) await exchange(where, `${order}\n`, 300);
for (let sent = 0; sent < Number(count) / 100; sent += 1) await exchange(where, fuzz.bytes(2_000), 100);
process.stdout.write("done\n");
