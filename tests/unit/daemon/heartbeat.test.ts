import { createSocket } from "node:dgram";
import { expect, onTestFinished, test } from "vitest";
import type { Heartbeat } from "../../../node-agent/src/core/router/failover/decision.ts";
import { HEARTBEAT_PORT } from "../../../node-agent/src/core/router/nat/config.ts";
import { HeartbeatLink } from "../../../node-agent/src/daemon/router/heartbeat.ts";

const HEARTBEAT: Heartbeat = {
  router: "eni-1",
  isProven: true,
  isDoubtful: false,
  provenForMs: 1_000,
  serves: { home: true, peer: false },
  isDraining: false,
  isGiving: false,
};

/** Addresses of this machine alone: all of 127.0.0.0/8 is. */
const [OWN, PEER, STRANGER] = ["127.77.8.1", "127.77.8.2", "127.77.8.3"];

function listener() {
  const warnings: string[] = [];
  const heartbeat = new HeartbeatLink({
    own: OWN,
    peer: PEER,
    keys: () => [],
    warn: (text) => void warnings.push(text),
  });
  onTestFinished(() => heartbeat.close());
  let now = 0;
  heartbeat.send(HEARTBEAT, () => now);
  return { heartbeat, warnings, at: (ms: number) => void (now = ms) };
}

/** Sends from an address until something has come of it. */
async function sendFrom(address: string, text: string, isDone: () => boolean): Promise<void> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  for (let sent = 0; !isDone() && sent < 2_000; sent += 1) {
    socket.send(text, HEARTBEAT_PORT, OWN);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  socket.close();
}

test("the other router's heartbeats are heard, the last one counts, and its age is by the hearer's clock", async () => {
  const { heartbeat, at } = listener();
  expect([heartbeat.last, heartbeat.msSinceHeartbeat(5)]).toEqual([undefined, undefined]);
  at(1_000);
  await sendFrom(PEER, JSON.stringify(HEARTBEAT), () => heartbeat.last !== undefined);
  expect([heartbeat.last, heartbeat.msSinceHeartbeat(1_300)]).toEqual([HEARTBEAT, 300]);
  const next = { ...HEARTBEAT, isDraining: true };
  await sendFrom(PEER, JSON.stringify(next), () => heartbeat.last?.isDraining === true);
  expect(heartbeat.last).toEqual(next);
});

test("a heartbeat from any other address of the subnet is not heard", async () => {
  const { heartbeat } = listener();
  const forged = JSON.stringify({ ...HEARTBEAT, router: "forged" });
  const heard = new Set<string | undefined>();
  let sent = 0;
  const listen = () => {
    heard.add(heartbeat.last?.router);
    return (sent += 1) > 40;
  };
  await sendFrom(PEER, JSON.stringify(HEARTBEAT), () => heartbeat.last !== undefined);
  await sendFrom(STRANGER, forged, listen);
  expect([...heard]).toEqual(["eni-1"]);
});

test("what is no heartbeat counts for nothing, and is told", async () => {
  const { heartbeat, warnings } = listener();
  await sendFrom(PEER, "no JSON", () => warnings.length > 0);
  expect([heartbeat.last, warnings[0]]).toEqual([
    undefined,
    `a datagram from ${PEER} is no heartbeat of this version and counts for nothing`,
  ]);
});

test("beats go to the other router's port, and a closed one opens again with the next HEARTBEAT", async () => {
  const heard: string[] = [];
  const other = createSocket("udp4");
  onTestFinished(() => void other.close());
  other.on("message", (text, from) => heard.push(`${from.address} ${text}`));
  await new Promise<void>((resolve) => other.bind(HEARTBEAT_PORT, PEER, resolve));
  const { heartbeat } = listener();
  const send = async () => {
    while (heard.length === 0) {
      heartbeat.send(HEARTBEAT, () => 0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return heard.splice(0)[0];
  };
  expect(await send()).toBe(`${OWN} ${JSON.stringify(HEARTBEAT)}`);
  heartbeat.close();
  heard.length = 0;
  expect(await send()).toBe(`${OWN} ${JSON.stringify(HEARTBEAT)}`);
});
