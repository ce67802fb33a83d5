import { expect, test } from "vitest";
import { bootingStatus, installingStatus, statusBytes } from "../../../node-agent/src/core/node/status/status.ts";
import { UnfinishedBoot } from "../../../node-agent/src/daemon/app/unfinished-boot.ts";
import { View } from "../../../node-agent/src/daemon/app/view.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { memoryFiles } from "../../support/simulated/files.ts";

const STATUS = "/var/lib/greenleaf/status.json";
const LOCK = "/run/greenleaf/boot.lock";
const AT = new Date("2026-05-02T00:00:00Z");
const booting = statusBytes(bootingStatus(undefined, { agent: "1", at: AT }));

/** A node that says `booting`; process 7 held the lock last. */
async function scene() {
  const clock = { now: 0 };
  const contents = new Map([
    [STATUS, booting],
    [LOCK, "process 7\n"],
  ]);
  const files = memoryFiles(contents);
  const alive = new Set<number>();
  const daemons = { startTicks: async (pid: number) => (alive.has(pid) ? "1" : undefined) };
  const world = { files, daemons, clock: { now: () => clock.now, date: () => AT } } as unknown as World;
  const view = new View(world.clock, { role: "app", stalled: () => [], tell: undefined });
  const engine = { containers: async () => [] } as never;
  const boots: number[] = [];
  const unfinished = new UnfinishedBoot({ world, view, boot: async () => void boots.push(clock.now) });
  const look = async (passed: number) => {
    clock.now += passed;
    await view.refresh({ files, engine, project: "greenleaf" });
    await unfinished.consider();
    // The boot, when one was begun, ends.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { look, boots, alive, contents, view };
}

test("a boot that was killed is taken up, once nobody else did for a while", async () => {
  const { look, boots } = await scene();
  await look(0);
  await look(29_999);
  expect(boots).toEqual([]);
  await look(1);
  expect(boots).toEqual([30_000]);
});

test("a boot that lives is left alone, however long it takes", async () => {
  const { look, boots, alive } = await scene();
  alive.add(7);
  await look(0);
  await look(600_000);
  expect(boots).toEqual([]);
});

test("the time counts anew when somebody takes it up meanwhile", async () => {
  const { look, boots, alive } = await scene();
  await look(0);
  alive.add(7);
  await look(20_000);
  alive.delete(7);
  await look(20_000);
  expect(boots).toEqual([]);
});

test.each<[string, (one: Awaited<ReturnType<typeof scene>>) => void]>([
  [
    "while the machine is installed",
    ({ contents }) => void contents.set(STATUS, statusBytes(installingStatus({ agent: "1", at: AT }))),
  ],
  ["while the node drains", ({ view }) => view.drain("Spot notice")],
  ["in maintenance", ({ contents }) => void contents.set("/run/greenleaf/maintenance", "")],
  ["that nobody ever locked", ({ contents }) => void contents.delete(LOCK)],
  ["without a status", ({ contents }) => void contents.delete(STATUS)],
])("no boot is begun %s", async (_, change) => {
  const one = await scene();
  change(one);
  await one.look(0);
  await one.look(60_000);
  expect(one.boots).toEqual([]);
});
