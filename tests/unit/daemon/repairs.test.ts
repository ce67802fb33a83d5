import { expect, test } from "vitest";
import type { EngineSocket } from "../../../node-agent/src/adapters/docker/engine-socket.ts";
import { bootingStatus, finishedStatus, statusBytes } from "../../../node-agent/src/core/node/status/status.ts";
import { type RepairReport, Repairs } from "../../../node-agent/src/daemon/app/repairs.ts";
import { View } from "../../../node-agent/src/daemon/app/view.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { memoryFiles } from "../../support/simulated/files.ts";

const STATUS = "/var/lib/greenleaf/status.json";
const MAINTENANCE = "/run/greenleaf/maintenance";
const AT = new Date("2026-05-02T00:00:00Z");
const booting = bootingStatus(undefined, { agent: "1", at: AT });
const ready = finishedStatus(booting, {
  verdict: "ready",
  release: "one",
  services: ["backend", "caddy", "worker"],
  results: [],
  at: AT,
});

/** A node whose containers stand as `states` says, and a repair that starts what it is asked for. */
async function scene() {
  const clock = { now: 0 };
  const contents = new Map([[STATUS, statusBytes(ready)]]);
  const files = memoryFiles(contents);
  const states = new Map([
    ["backend", "running"],
    ["caddy", "running"],
    ["worker", "running"],
  ]);
  const engine = {
    containers: async () =>
      [...states].map(([service, State]) => ({
        Id: `id-${service}`,
        Names: [`/greenleaf-${service}-1`],
        Image: "image",
        State,
        Status: State === "running" ? "Up 3 minutes (healthy)" : "Exited (137)",
        Labels: {
          "com.docker.compose.service": service,
          "com.docker.compose.oneoff": "False",
          ...(service === "worker" ? { "io.greenleaf.optional": "true" } : {}),
        },
      })),
  } as unknown as EngineSocket;
  const world = { files, clock: { now: () => clock.now, date: () => AT } } as unknown as World;
  const view = new View(world.clock, { role: "app", stalled: () => [], tell: undefined });
  const asked: string[][] = [];
  const answer: { report: RepairReport | undefined; works: boolean } = {
    report: { operations: [{ name: "start container x", why: "it ended with code 137" }], lines: { backend: "boom" } },
    works: true,
  };
  const run = async (services: readonly string[]) => {
    asked.push([...services]);
    if (answer.works) for (const service of services) states.set(service, "running");
    return answer.report;
  };
  let looks = 0;
  const repairs = new Repairs({ world, view, run, look: () => void (looks += 1) });
  const look = async (passed = 0) => {
    clock.now += passed;
    await view.refresh({ files, engine, project: "greenleaf" });
    await repairs.consider();
    await repairs.settled();
  };
  await look();
  const notes = () => view.events.map(({ text }) => text);
  return { view, states, repairs, look, asked, answer, contents, clock, notes, looks: () => looks };
}

test("what stopped is brought back at the first look, with its reason told, and what runs is left alone", async () => {
  const one = await scene();
  one.states.set("backend", "exited");
  await one.look();
  await one.look(1_000);
  expect(one.asked).toEqual([["backend"]]);
  expect(one.notes()).toContain("repair: start container x (it ended with code 137)");
  expect(one.view.counts.get("backend")).toMatchObject({ repairs: 1 });
});

test("what happens to a container is looked at without waiting for the next look", async () => {
  const one = await scene();
  const before = one.looks();
  one.repairs.heard({ action: "die", service: "backend" });
  expect(one.looks()).toBe(before + 1);
});

test("what does not come back is tried after pauses that grow", async () => {
  const one = await scene();
  one.answer.works = false;
  one.states.set("backend", "exited");
  for (let second = 0; second < 16; second += 1) await one.look(1_000);
  // At 1, 2, 4, 8 and 16 s.
  expect(one.asked).toHaveLength(5);
});

test.each<[string, (one: Awaited<ReturnType<typeof scene>>) => void]>([
  ["while a boot is under way", ({ contents }) => void contents.set(STATUS, statusBytes(booting))],
  ["while the node drains", ({ view }) => view.drain("Spot notice")],
  ["during an operator's maintenance", ({ contents }) => void contents.set(MAINTENANCE, "a new disk\n")],
])("nothing is repaired %s", async (_, change) => {
  const one = await scene();
  change(one);
  one.states.set("backend", "exited");
  await one.look(1_000);
  await one.look(1_000);
  expect(one.asked).toEqual([]);
  expect(one.notes().filter((text) => text.startsWith("nothing is repaired"))).toHaveLength(1);
});

test("a maintenance that is over is repaired after", async () => {
  const one = await scene();
  one.contents.set(MAINTENANCE, "a new disk\n");
  one.states.set("backend", "exited");
  await one.look();
  one.contents.delete(MAINTENANCE);
  await one.look(1_000);
  expect(one.asked).toEqual([["backend"]]);
});

test("a boot that holds the lock is not disturbed, and what it left is repaired later", async () => {
  const one = await scene();
  one.answer.report = undefined;
  one.answer.works = false;
  one.states.set("backend", "exited");
  await one.look();
  expect(one.view.counts.get("backend")).toBeUndefined();
  await one.look(1_000);
  expect(one.asked).toHaveLength(2);
});

test("a job that has ended well is asked about once", async () => {
  const one = await scene();
  one.answer.report = { operations: [], lines: {} };
  one.answer.works = false;
  one.states.set("worker", "exited");
  for (let minute = 0; minute < 10; minute += 1) await one.look(60_000);
  expect(one.asked).toEqual([["worker"]]);
});

async function looping(service: string) {
  const one = await scene();
  for (let end = 0; end < 5; end += 1) {
    one.repairs.heard({ action: "die", service });
    await one.look(10_000);
  }
  return one;
}

test("a service that customers need and that ends again and again makes the node unhealthy, though it runs just now", async () => {
  const one = await looping("backend");
  expect(one.view.health()).toEqual({ status: "unhealthy", reason: "backend ends again and again" });
  expect(one.view.crashLoops).toEqual([{ service: "backend", lines: "boom" }]);
  expect(one.view.isNeeded("backend")).toBe(true);
  await one.look(121_000);
  expect(one.view.health()).toEqual({ status: "ok" });
});

test("one that customers do without leaves the node in traffic", async () => {
  const one = await looping("worker");
  expect(one.view.health()).toEqual({ status: "degraded", reason: "worker ends again and again" });
  expect(one.view.crashLoops.map(({ service }) => service)).toEqual(["worker"]);
  expect(one.view.isNeeded("worker")).toBe(false);
});

test("memory that ran out and limits changed by hand are counted, and what was edited is looked at closely", async () => {
  const one = await scene();
  one.repairs.heard({ action: "oom", service: "backend" });
  one.repairs.heard({ action: "update", service: "caddy" });
  await one.look();
  expect(one.view.counts.get("backend")).toMatchObject({ oomKills: 1 });
  expect(one.view.counts.get("caddy")).toMatchObject({ edits: 1, repairs: 1 });
  expect(one.asked).toEqual([["caddy"]]);
});

test("what a boot or a drain does to containers is no end of theirs", async () => {
  const one = await scene();
  one.contents.set(STATUS, statusBytes(booting));
  await one.look();
  for (let end = 0; end < 9; end += 1) one.repairs.heard({ action: "die", service: "backend" });
  await one.look();
  expect([one.view.crashLoops, one.view.counts.size]).toEqual([[], 0]);
});

test("a container that somebody has made and not started yet is left to them for a while", async () => {
  const one = await scene();
  one.states.set("caddy", "created");
  await one.look();
  await one.look(14_999);
  expect(one.asked).toEqual([]);
  await one.look(1);
  expect(one.asked).toEqual([["caddy"]]);
});
