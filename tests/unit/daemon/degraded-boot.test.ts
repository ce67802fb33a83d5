import { expect, test } from "vitest";
import { bootingStatus, finishedStatus, statusBytes } from "../../../node-agent/src/core/node/status/status.ts";
import { DegradedBoot } from "../../../node-agent/src/daemon/app/degraded-boot.ts";
import { View } from "../../../node-agent/src/daemon/app/view.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { memoryFiles } from "../../support/simulated/files.ts";

const STATUS = "/var/lib/greenleaf/status.json";
const AT = new Date("2026-05-02T00:00:00Z");
const ended = (verdict: "ready" | "degraded") =>
  statusBytes(finishedStatus(bootingStatus(undefined, { agent: "1", at: AT }), { verdict, results: [], at: AT }));

/** A node that runs on its last known good state, looked at every second. */
function scene(random = 0) {
  const clock = { now: 0 };
  const contents = new Map([[STATUS, ended("degraded")]]);
  const files = memoryFiles(contents);
  const world = { files, clock: { now: () => clock.now, date: () => AT } } as unknown as World;
  const view = new View(world.clock, { role: "app", stalled: () => [], tell: undefined });
  const engine = { containers: async () => [] } as never;
  const boots: number[] = [];
  const boot = async () => void boots.push(clock.now / 1_000);
  const degraded = new DegradedBoot({ world, view, boot, random: () => random });
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      await view.refresh({ files, engine, project: "greenleaf" });
      await degraded.consider();
      await new Promise((resolve) => setImmediate(resolve));
      clock.now += 1_000;
    }
  };
  return { pass, boots, contents, view };
}

test("a node on its last known good state boots again by itself, ever more seldom", async () => {
  const { pass, boots } = scene();
  await pass(4_000);
  expect(boots).toEqual([120, 360, 840, 1_740, 2_640, 3_540]);
});

test("a fleet does not try together", async () => {
  const { pass, boots } = scene(0.5);
  await pass(200);
  expect(boots).toEqual([150]);
});

test("it stops when AWS answered, and begins anew with the next outage", async () => {
  const { pass, boots, contents } = scene();
  await pass(400);
  contents.set(STATUS, ended("ready"));
  await pass(1_000);
  contents.set(STATUS, ended("degraded"));
  await pass(130);
  expect(boots).toEqual([120, 360, 1_520]);
});

test("values that were refused are none of its business: they are tried again by themselves", async () => {
  const { pass, boots, contents } = scene();
  const reason = { code: "values.refused", what: "w", why: "y" };
  const booting = bootingStatus(undefined, { agent: "1", at: AT });
  contents.set(STATUS, statusBytes(finishedStatus(booting, { verdict: "degraded", reason, results: [], at: AT })));
  await pass(1_000);
  expect(boots).toEqual([]);
});

test("neither in maintenance nor while the node drains", async () => {
  const { pass, boots, contents, view } = scene();
  contents.set("/run/greenleaf/maintenance", "moving disks");
  await pass(300);
  contents.delete("/run/greenleaf/maintenance");
  view.drain("Spot notice");
  await pass(300);
  expect(boots).toEqual([]);
});
