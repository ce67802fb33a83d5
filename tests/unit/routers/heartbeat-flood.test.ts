import { createSocket, type Socket } from "node:dgram";
import { expect, test } from "vitest";
import type { Heartbeat } from "../../../node-agent/src/core/router/failover/decision.ts";
import { MOST_READ } from "../../../node-agent/src/core/router/failover/reading-budget.ts";
import { HEARTBEAT_PORT } from "../../../node-agent/src/core/router/nat/config.ts";
import { HeartbeatLink } from "../../../node-agent/src/daemon/router/heartbeat.ts";

const KEY = "a".repeat(64);
const heartbeat: Heartbeat = {
  router: "eni-1",
  isProven: true,
  isDoubtful: false,
  provenForMs: 1,
  serves: { home: true, peer: false },
  isDraining: false,
  isGiving: false,
};
// Addresses of this process alone: other test processes may try the same.
const address = (last: number) => `127.${(process.pid >> 8) & 127}.${process.pid & 255}.${last}`;

test("of a flood from the other router's address few datagrams are read, each reason is told in one text, and heartbeats go on", async () => {
  const [own, peer] = [address(1), address(2)];
  const warned = new Set<string>();
  const link = (from: string, to: string, warn: (text: string) => void) =>
    new HeartbeatLink({ own: from, peer: to, keys: () => [KEY], warn });
  const one = link(own, peer, (text) => void warned.add(text));
  const two = link(peer, own, () => undefined);
  const now = () => performance.now();
  const bad = createSocket({ type: "udp4", reuseAddr: true });
  try {
    await new Promise<void>((resolve) => bad.bind(0, peer, resolve));
    const beat = () => {
      one.send(heartbeat, now);
      two.send(heartbeat, now);
    };
    beat();
    await expect.poll(() => (beat(), one.isSigned), { timeout: 30_000 }).toBe(true);
    for (let times = 0; times < 5; times += 1)
      for (let each = 0; each < 200; each += 1) bad.send(`{"bad":${each}}`, HEARTBEAT_PORT, own);
    // Nothing is sent meanwhile, so what is read is of one budget.
    await expect.poll(() => one.refusals, { timeout: 30_000 }).toBeGreaterThan(MOST_READ.other);
    expect([...warned].every((text) => / (is no heartbeat|came with too many) /.test(text))).toBe(true);
    expect(warned.size).toBe(2);
    const before = one.msSinceHeartbeat(0) ?? 0;
    await expect.poll(() => (beat(), one.msSinceHeartbeat(0)), { timeout: 30_000 }).not.toBe(before);
  } finally {
    bad.close();
    one.close();
    two.close();
  }
});

test("what comes from a third address counts for nothing and is not even told", async () => {
  const [own, peer, third] = [address(11), address(12), address(13)];
  const warned: string[] = [];
  // Routers without a key yet: a signature would refuse a stranger as well.
  const link = (from: string, to: string) =>
    new HeartbeatLink({ own: from, peer: to, keys: () => [], warn: (text) => void warned.push(text) });
  const [one, stranger] = [link(own, peer), link(third, own)];
  const [other, beside] = [0, 1].map(() => createSocket({ type: "udp4", reuseAddr: true })) as [Socket, Socket];
  const now = () => performance.now();
  try {
    await new Promise<void>((resolve) => other.bind(0, peer, resolve));
    await new Promise<void>((resolve) => beside.bind(0, third, resolve));
    one.send(heartbeat, now);
    // What the true other router's address sends last is read last.
    const read = async () => {
      for (let each = 0; each < 5; each += 1) stranger.send({ ...heartbeat, router: "eni-3" }, now);
      beside.send("nonsense", HEARTBEAT_PORT, own);
      await new Promise((resolve) => setTimeout(resolve, 20));
      other.send("nonsense", HEARTBEAT_PORT, own);
      return one.refusals;
    };
    await expect.poll(read, { timeout: 30_000 }).toBeGreaterThan(2);
    expect([one.last, one.isSigned]).toEqual([undefined, undefined]);
    expect(warned.filter((text) => !text.startsWith(`a datagram from ${peer} `))).toEqual([]);
  } finally {
    for (const each of [other, beside, one, stranger]) each.close();
  }
});
