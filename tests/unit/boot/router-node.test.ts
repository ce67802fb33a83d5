import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PermissionError, TemporaryError, UnhealthyError } from "../../../node-agent/src/base/errors.ts";
import type { LogEvent } from "../../../node-agent/src/base/log.ts";
import { done, pending } from "../../../node-agent/src/base/wait.ts";
import { NatReconciler } from "../../../node-agent/src/daemon/router/nat-reconciler.ts";
import { PHASES } from "../../../node-agent/src/phases/index.ts";
import { type Boot, type Mode, runPhases } from "../../../node-agent/src/phases/phase.ts";
import { readState } from "../../../node-agent/src/phases/router/nat.ts";
import { realWorld, type World } from "../../../node-agent/src/world.ts";
import { type MemoryKernel, memoryKernel } from "../../support/memory-kernel.ts";

const MAC = "02:00:00:00:00:01";
const router = {
  vpc: ["10.0.0.0/16"],
  zones: [{ name: "a", sources: ["10.0.10.0/24"] }],
  probes: ["1.1.1.1:443", "8.8.8.8:443", "9.9.9.9:443"],
};

let root: string;
let kernel: MemoryKernel;
let now: number;
/** Targets that answer. */
let answering: number;
/** Whether another process holds the lock of the network, so many times. */
let held: number;
let ec2: string[];
/** So many times the interface is still held elsewhere. */
let attached: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "greenleaf-router-"));
  kernel = memoryKernel();
  [now, answering, held, ec2, attached] = [0, 3, 0, [], 0];
  describe();
});
afterEach(() => rmSync(root, { recursive: true }));

function describe(over: object = {}, imds = "none"): void {
  const node = { version: 1, project: "greenleaf", environment: "prod", role: "router", parameters: "/greenleaf/prod" };
  const place = { release: "ssm:/greenleaf/prod/release", region: "eu-west-3", endpoints: { imds } };
  mkdirSync(join(root, "etc/greenleaf"), { recursive: true });
  writeFileSync(
    join(root, "etc/greenleaf/node.json"),
    JSON.stringify({ ...node, ...place, router: { ...router, ...over } }),
  );
}

const identity = {
  region: "eu-west-3",
  availabilityZone: "eu-west-3a",
  instanceId: "i-1",
  instanceType: "t3.nano",
  accountId: "123456789012",
};

function worldOf(): World {
  let asked = 0;
  return {
    ...realWorld({ root }),
    ...kernel,
    clock: {
      now: () => now,
      date: () => new Date(now),
      sleep: async (ms) => void (now += ms),
      alarm: () => () => undefined,
    },
    lock: async () =>
      (held-- > 0 ? { held: false, by: "process 7" } : { held: true, release: async () => undefined }) as never,
    imds: (where) => (where === "none" ? undefined : ({ read: async () => done(JSON.stringify(identity)) } as never)),
    aws: () => ({}) as never,
    probe: async (target) => {
      asked += 1;
      const isGood = router.probes.indexOf(target) < answering;
      return { target, ms: 10 * asked, ...(isGood ? {} : { error: "no answer" }) };
    },
    ec2: () =>
      ({
        disableSourceCheck: async (id: string) => void ec2.push(`disable ${id}`),
        attachInterface: async (id: string, instance: string) => {
          ec2.push(`attach ${id} to ${instance}`);
          return attached-- > 0 ? pending("InUse") : done(undefined);
        },
      }) as never,
  };
}

async function boot(mode: Mode = "apply") {
  const events: LogEvent[] = [];
  const log = { emit: (event: LogEvent) => void events.push(event) };
  const one: Boot = { world: worldOf(), log, mode, operations: [], results: [] };
  const error: unknown = await runPhases(one, PHASES.router).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const notes = events.flatMap((event) => (event.kind === "phase-finished" ? [event.note] : []));
  return { error, notes, operations: one.operations.map(({ name }) => name) };
}

const calls = () => kernel.calls.splice(0);
const rulesOf = (table: string, chain: string) => kernel.rules.get(table)?.get(chain) ?? [];

test("a router's rules stand before it forwards, and a second boot changes neither", async () => {
  const { error, notes, operations } = await boot();
  expect(error).toBeUndefined();
  expect(notes).toEqual([
    "no fixed interface is named",
    "by ens5",
    "3 of 3 targets answered, the first in 10 ms",
    "router of prod, local in eu-west-3",
  ]);
  const made = calls();
  expect(made.indexOf("restore ipv4")).toBeGreaterThanOrEqual(0);
  expect(made.indexOf("restore ipv4")).toBeLessThan(made.indexOf("set net.ipv4.ip_forward=1"));
  expect(made.at(-1)).toBe("set net.ipv4.ip_forward=1");
  expect(operations).toContain("write /etc/greenleaf/nat/rules.v4");
  expect(rulesOf("nat", "POSTROUTING")[0]).toBe("-j GREENLEAF-NAT");
  expect(rulesOf("nat", "GREENLEAF-NAT")).toContain("-s 10.0.10.0/24 -j MASQUERADE");
  const again = (await boot()).operations;
  expect(again.filter((name) => /restore|ip_forward|write \/(etc|run)(?!.*before)/.test(name))).toEqual([]);
});

test("a plan of a router changes nothing, and proves nothing", async () => {
  const { error, operations } = await boot("plan");
  expect([error, calls()]).toEqual([undefined, []]);
  expect(operations.at(-1)).toBe("set net.ipv4.ip_forward=1");
});

test("rules that somebody deleted come back, without those of others going", async () => {
  await boot();
  calls();
  rulesOf("filter", "FORWARD").unshift("-s 192.0.2.0/24 -j ACCEPT");
  rulesOf("nat", "GREENLEAF-NAT").length = 0;
  await boot();
  expect(rulesOf("nat", "GREENLEAF-NAT")).toContain("-s 10.0.10.0/24 -j MASQUERADE");
  expect(rulesOf("filter", "FORWARD")).toContain("-s 192.0.2.0/24 -j ACCEPT");
});

test("a minority of dead targets proves nothing against the path; a majority ends the boot after fifteen seconds", async () => {
  answering = 2;
  expect((await boot()).notes[2]).toMatch(/^2 of 3 targets answered/);
  answering = 1;
  const began = now;
  const { error } = await boot();
  expect(error).toBeInstanceOf(UnhealthyError);
  expect(error).toMatchObject({ why: expect.stringContaining("8.8.8.8:443: no answer, 9.9.9.9:443: no answer") });
  expect(now - began).toBe(15_000);
});

test("another change of the network is waited for, but not for ever", async () => {
  held = 5;
  expect((await boot()).error).toBeUndefined();
  held = 10_000;
  const { error } = await boot();
  expect(error).toBeInstanceOf(TemporaryError);
  expect(error).toMatchObject({ why: expect.stringContaining("process 7 holds /run/greenleaf/nat.lock") });
});

const fixed = {
  zones: [{ name: "a", sources: ["10.0.10.0/24"], interface: "eni-1", mac: MAC, address: "10.0.1.10/24" }],
};

test("an interface that is there is not asked for; one that is not is made passable first and then attached", async () => {
  describe(fixed, "http://imds");
  expect([(await boot()).notes[0], ec2]).toEqual(["the fixed interface is there", []]);
  const missing = { ...fixed.zones[0], mac: "02:00:00:00:00:02" };
  describe({ zones: [missing] }, "http://imds");
  attached = 2;
  const { error } = await boot();
  expect(ec2).toEqual(["disable eni-1", ...Array.from({ length: 3 }, () => "attach eni-1 to i-1")]);
  // The interface never comes: the rules stand meanwhile.
  expect(error).toBeInstanceOf(TemporaryError);
  expect(rulesOf("nat", "GREENLEAF-NAT").length).toBeGreaterThan(0);
});

test("an interface is waited for two minutes while another instance holds it", async () => {
  describe({ zones: [{ ...fixed.zones[0], mac: "02:00:00:00:00:02" }] }, "http://imds");
  attached = 10_000;
  const { error } = await boot();
  expect(error).toMatchObject({ message: expect.stringContaining("eni-1 to be free took longer than 120 s") });
});

async function reconciler() {
  const world = worldOf();
  const one = new NatReconciler(world, router);
  await one.start();
  return { one, world };
}

test("the reconciler repairs a rule that went, and counts that once", async () => {
  const { one } = await reconciler();
  expect(one.repairs).toBe(0);
  calls();
  await one.reconcile();
  expect([one.repairs, calls()]).toEqual([0, []]);
  rulesOf("nat", "GREENLEAF-NAT").pop();
  await one.reconcile();
  expect([one.repairs, calls().filter((call) => call.startsWith("restore"))]).toEqual([1, ["restore ipv4"]]);
  expect(rulesOf("nat", "GREENLEAF-NAT")).toContain("-s 10.0.10.0/24 -j MASQUERADE");
  await one.reconcile();
  expect(one.repairs).toBe(1);
  expect(one.lastRepair?.what).toContain("restore ipv4 nat (nat: GREENLEAF-NAT differs)");
});

test("a switch that another program took back is seen within a second; the looks between are at the rules alone", async () => {
  const { one } = await reconciler();
  kernel.values.set("net.ipv4.ip_forward", "0");
  now += 600;
  await one.reconcile();
  expect(kernel.values.get("net.ipv4.ip_forward")).toBe("0");
  now += 100;
  await one.reconcile();
  expect(kernel.values.get("net.ipv4.ip_forward")).toBe("1");
  kernel.values.set("net.ipv4.ip_forward", "0");
  await one.reconcile(true);
  expect(kernel.values.get("net.ipv4.ip_forward")).toBe("1");
});

test("forwarding that the kernel tells is off is on again at once, without a look, and not in an endless fight", async () => {
  const { one } = await reconciler();
  now += 10_001;
  await one.reconcile();
  calls();
  for (let times = 0; times < 3; times += 1) {
    const before = one.repairs;
    kernel.values.set("net.ipv4.ip_forward", "0");
    expect(await one.told("switch")).toBe(false);
    expect(kernel.values.get("net.ipv4.ip_forward")).toBe("1");
    expect(one.repairs).toBe(before + 1);
  }
  expect(calls()).toEqual(Array.from({ length: 3 }, () => "set net.ipv4.ip_forward=1"));
  expect(one.lastRepair?.what).toBe("set net.ipv4.ip_forward=1 (another program wrote it)");
  // Its own write is told as well, and finds nothing to do.
  await one.told("switch");
  expect(calls()).toEqual([]);
});

test("while changes are told looks are seldom; one that is told is looked at soon, and many of them not each", async () => {
  const { one } = await reconciler();
  expect(one.pauseMs).toBe(400);
  one.hear(true);
  await one.reconcile();
  expect(one.pauseMs).toBe(5_000);
  rulesOf("nat", "GREENLEAF-NAT").pop();
  expect([await one.told("rules"), await one.told("network")]).toEqual([true, false]);
  expect(one.pauseMs).toBe(100);
  await one.reconcile();
  expect(rulesOf("nat", "GREENLEAF-NAT")).toContain("-s 10.0.10.0/24 -j MASQUERADE");
  one.hear(false);
  await one.reconcile();
  expect(one.pauseMs).toBe(400);
});

test("a new state is on disk and in the kernel when it is said to be, by one restore where the rules are known", async () => {
  const { one, world } = await reconciler();
  calls();
  await one.setState({ serves: { home: false, peer: false } });
  expect(calls()).toEqual(["restore ipv4"]);
  expect(rulesOf("filter", "GREENLEAF-FORWARD")).toContain("-s 10.0.10.0/24 -j DROP");
  expect(one.state.serves).toEqual({ home: false, peer: false });
  expect(JSON.parse(readFileSync(join(root, "run/greenleaf/router.json"), "utf8"))).toEqual(one.state);
  expect(await readState(world)).toEqual(one.state);
  // The next change looks at everything first: what it would build on was used up.
  await one.setState({ serves: { home: true, peer: false } });
  expect(rulesOf("filter", "GREENLEAF-FORWARD")).not.toContain("-s 10.0.10.0/24 -j DROP");
});

test("what comes back at every look is an alarm with its program's name, and is put back less often until it stops", async () => {
  const { one } = await reconciler();
  let watches = 0;
  kernel.iptables.writers = async () => {
    watches += 1;
    return ["dockerd"];
  };
  const fight = async (forMs: number) => {
    const repairs = one.repairs;
    for (const end = now + forMs; now < end; now += 400) {
      rulesOf("nat", "GREENLEAF-NAT").pop();
      await one.reconcile();
    }
    return one.repairs - repairs;
  };
  expect(await fight(1_600)).toBe(4);
  expect(one.returning).toBeUndefined();
  expect(await fight(1_600)).toBe(4);
  expect(one.returning).toMatchObject({ times: 8, by: [] });
  // Each 2 s, and not each 0.4 s.
  await fight(10_000);
  expect(await fight(20_000)).toBe(10);
  expect(one.returning).toMatchObject({ by: ["dockerd"] });
  expect(one.returning?.what).toContain("restore ipv4 nat");
  // Of 30 s: the program that watches costs more than a look.
  expect([1, 2, 3]).toContain(watches);
  // It is asked to look at once by a path that is about to be called broken.
  const repairs = one.repairs;
  rulesOf("nat", "GREENLEAF-NAT").pop();
  await one.reconcile(true);
  expect(one.repairs).toBe(repairs + 1);
  now += 2_000;
  await one.reconcile();
  expect(rulesOf("nat", "GREENLEAF-NAT")).toContain("-s 10.0.10.0/24 -j MASQUERADE");
  now += 60_000;
  await one.reconcile();
  expect(one.returning).toBeUndefined();
});

test("a router begins with the state it ended with", async () => {
  const { one } = await reconciler();
  await one.setState({ serves: { home: false, peer: false } });
  const next = new NatReconciler(worldOf(), router);
  await next.start();
  expect(next.state.serves.home).toBe(false);
});

test("a refused change is told to its caller, and the next one is tried all the same", async () => {
  const { one } = await reconciler();
  kernel.refusal = new PermissionError("iptables-restore", { code: "program.failed", why: "no", fix: "root" });
  await expect(one.setState({ serves: { home: false, peer: false } })).rejects.toThrow(PermissionError);
  kernel.refusal = undefined;
  await one.reconcile(true);
  expect(rulesOf("filter", "GREENLEAF-FORWARD")).toContain("-s 10.0.10.0/24 -j DROP");
});
