import { expect, test } from "vitest";
import type { Conntrack } from "../../../node-agent/src/adapters/kernel/conntrack.ts";
import type { RouterDocument } from "../../../node-agent/src/core/router/document.ts";
import { HOME_ONLY, type RouterState } from "../../../node-agent/src/core/router/nat/config.ts";
import { DeletedFlows } from "../../../node-agent/src/daemon/router/deleted-flows.ts";
import { FlowEnds } from "../../../node-agent/src/daemon/router/flow-ends.ts";
import type { NatReconciler } from "../../../node-agent/src/daemon/router/nat-reconciler.ts";
import type { World } from "../../../node-agent/src/world.ts";

const router: RouterDocument = {
  vpc: ["10.0.0.0/16"],
  zones: [
    { name: "a", sources: ["10.0.10.0/24"], address: "10.0.1.10/24", standby: "10.0.1.11" },
    { name: "b", sources: ["10.0.11.0/24"], address: "10.0.2.10/24" },
  ],
};
const flow = (port: number, address = "10.0.1.10") =>
  `-t 300 -u SEEN_REPLY,ASSURED -s 10.0.10.2 -d 198.51.100.2 -r 198.51.100.2 -n ${address} -p tcp --sport ${port} --dport 443 --reply-port-src 443 --reply-port-dst ${port} --state ESTABLISHED`;
const deleted = (port: number, address?: string) => `-D ${flow(port, address)} [USERSPACE] portid=7`;
const portsOf = (lines: Iterable<string>) =>
  [...lines].map((line) => Number(/--sport (\d+)/.exec(line)?.[1])).toSorted((a, b) => a - b);

function flowEnds(state: RouterState = HOME_ONLY) {
  const loaded: number[] = [];
  const told: string[] = [];
  const clock = { now: 0 };
  const conntrack = {
    forget: async () => undefined,
    load: async (lines: Iterable<string>) => loaded.push(...portsOf(lines)),
  } as unknown as Conntrack;
  const lateFlows = { tell: async (text: string) => void told.push(text) };
  const world = { conntrack, lateFlows, clock: { now: () => clock.now } } as unknown as World;
  const warned: string[] = [];
  const reconciler = { state } as NatReconciler;
  const ends = new FlowEnds({ world, router, reconciler, warn: (text) => void warned.push(text) });
  return { ends, loaded, told, warned, clock };
}

test("flows that another program deleted are put back once, with the address each was translated to", async () => {
  const { ends, loaded, warned } = flowEnds();
  ends.hear(`${deleted(1)} progname=conntrack`);
  ends.hear(deleted(2));
  await ends.tell();
  await ends.tell();
  expect(loaded).toEqual([1, 2]);
  expect(warned[0]).toContain("by conntrack");
});

test("what this router deletes itself stays deleted, also when the kernel tells it late", async () => {
  const { ends, loaded, clock } = flowEnds();
  await ends.conntrack.forget(["10.0.10.0/24"]);
  clock.now = 4_000;
  ends.hear(deleted(1));
  await ends.tell();
  expect(loaded).toEqual([]);
  clock.now = 6_000;
  ends.hear(deleted(2));
  await ends.tell();
  expect(loaded).toEqual([2]);
});

test("flows of a zone that the other router serves are not put back, and those of one that is served for it are", async () => {
  const away = flowEnds({ serves: { home: false, peer: true }, rejectLateFlows: true });
  away.ends.hear(deleted(1));
  away.ends.hear(deleted(2, "10.0.1.11"));
  await away.ends.tell();
  expect(away.loaded).toEqual([2]);
});

test("expired flows are told a thousand at a time, and as many as fit wait", async () => {
  const { ends, told } = flowEnds();
  for (let port = 1; port <= 40_000; port += 1) ends.hear(`-D ${flow(port).replace("-t 300 ", "")}`);
  for (let times = 0; times < 30; times += 1) await ends.tell();
  const counts = told.map((text) => text.split(",").length);
  expect(Math.max(...counts)).toBe(1_000);
  expect(counts.reduce((sum, each) => sum + each, 0)).toBe(16_384);
});

test("of many deletions at once some are not heard: what the last listing had is put back as well", () => {
  const flows = new DeletedFlows(router);
  flows.beginListing();
  for (let port = 1; port <= 2_000; port += 1) flows.list(`-A ${flow(port)}`);
  flows.endListing();
  flows.hear("10.0.1.10", `-A ${flow(5)}`);
  expect(portsOf(flows.take(HOME_ONLY))).toEqual([5]);
  for (let port = 1_900; port < 2_050; port += 1) flows.hear("10.0.1.10", `-A ${flow(port)}`);
  expect(new Set(portsOf(flows.take(HOME_ONLY))).size).toBe(2_049);
  expect(portsOf(flows.take(HOME_ONLY))).toEqual([]);
});

test("where some deletions were not told, the last listing counts however few were", () => {
  const flows = new DeletedFlows(router);
  flows.beginListing();
  for (const port of [1, 2, 3]) flows.list(`-A ${flow(port)}`);
  flows.endListing();
  flows.hear("10.0.1.10", `-A ${flow(1)}`);
  flows.miss();
  expect(new Set(portsOf(flows.take(HOME_ONLY)))).toEqual(new Set([1, 2, 3]));
  flows.hear("10.0.1.10", `-A ${flow(1)}`);
  expect(portsOf(flows.take(HOME_ONLY))).toEqual([1]);
});

test("a listing forgets what the one before it had", () => {
  const flows = new DeletedFlows(router);
  for (const ports of [[1, 2], [2]]) {
    flows.beginListing();
    for (const port of ports) flows.list(`-A ${flow(port)}`);
    flows.endListing();
  }
  for (let times = 0; times < 200; times += 1) flows.hear("10.0.1.10", `-A ${flow(9)}`);
  expect(new Set(portsOf(flows.take(HOME_ONLY)))).toEqual(new Set([2, 9]));
});
