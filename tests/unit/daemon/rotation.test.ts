import { expect, test } from "vitest";
import { done, pending } from "../../../node-agent/src/base/wait.ts";
import {
  bootingStatus,
  finishedStatus,
  type Status,
  statusBytes,
} from "../../../node-agent/src/core/node/status/status.ts";
import { Rotation } from "../../../node-agent/src/daemon/app/rotation.ts";
import { View } from "../../../node-agent/src/daemon/app/view.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { memoryFiles } from "../../support/simulated/files.ts";

const STATUS = "/var/lib/greenleaf/status.json";
const WATCHED = "/run/greenleaf/watched.json";
const REFUSED = "/run/greenleaf/refused.json";
const START = Date.parse("2026-05-02T00:00:00Z");

const ended = (verdict: "ready" | "failed" | "degraded", reason?: Status["reason"]) => {
  const booting = { ...bootingStatus(undefined, { agent: "1", at: new Date(START) }), release: "one" };
  const end = { verdict, results: [], at: new Date(START), ...(reason === undefined ? {} : { reason }) };
  return statusBytes(finishedStatus(booting, end));
};

/** A node that runs; twelve parameters and two secrets are at version 1, and a boot takes up what AWS has. */
function scene({ everySeconds }: { everySeconds?: number } = {}) {
  const clock = { now: 0 };
  const names = Array.from({ length: 12 }, (_, index) => `/greenleaf/prod/p${index}`);
  const aws = new Map([...names, "db", "backend"].map((name) => [name, "1"]));
  const given = (wanted: readonly string[]) => Object.fromEntries(wanted.map((name) => [name, aws.get(name) ?? ""]));
  const watched = () =>
    JSON.stringify({ version: 1, region: "eu-west-3", parameters: given(names), secrets: given(["db", "backend"]) });
  const contents = new Map([
    [STATUS, ended("ready")],
    [WATCHED, watched()],
  ]);
  const asked: number[] = [];
  const boots: number[] = [];
  const state: { isThere: boolean; takesUp: boolean; ends?: string } = { isThere: true, takesUp: true };
  const answer = <T>(value: T) => {
    asked.push(clock.now / 1_000);
    return Promise.resolve(state.isThere ? done(value) : pending("no route"));
  };
  const versions = {
    parameters: (wanted: readonly string[]) => answer(given(wanted)),
    secret: (id: string) => answer(aws.get(id) ?? ""),
  };
  const files = memoryFiles(contents);
  const world = {
    files,
    clock: { now: () => clock.now, date: () => new Date(START + clock.now) },
    versions: () => versions,
    random: () => 0.5,
  } as unknown as World;
  const view = new View(world.clock, { role: "app", stalled: () => [], tell: undefined });
  const boot = async () => {
    boots.push(clock.now / 1_000);
    if (state.ends !== undefined) contents.set(STATUS, state.ends);
    if (state.takesUp) contents.set(WATCHED, watched());
  };
  const node = everySeconds === undefined ? {} : { rotation: { everySeconds } };
  const rotation = new Rotation({ world, view, node, boot });
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      await view.refresh({ files, engine: { containers: async () => [] } as never, project: "greenleaf" });
      await rotation.consider();
      await new Promise((resolve) => setImmediate(resolve));
      clock.now += 1_000;
    }
  };
  return { pass, aws, asked, boots, contents, view, state };
}

test("four calls every five minutes, and no boot and no write while nothing changes", async () => {
  const { pass, asked, boots, contents } = scene();
  const before = JSON.stringify([...contents]);
  await pass(1_000);
  expect(asked).toEqual([150, 150, 150, 150, 450, 450, 450, 450, 750, 750, 750, 750]);
  expect(boots).toEqual([]);
  expect(JSON.stringify([...contents])).toBe(before);
});

test.each(["/greenleaf/prod/p11", "db"])("a new version of %s is taken up once, and named", async (name) => {
  const { pass, aws, boots, view } = scene({ everySeconds: 60 });
  aws.set(name, "2");
  await pass(600);
  expect(boots).toEqual([30]);
  expect(view.events.map(({ text }) => text)).toContain(`values: ${name} changed`);
});

test("a boot that did not come to its turn is begun again, ever more seldom", async () => {
  const { pass, aws, boots, state } = scene({ everySeconds: 60 });
  state.takesUp = false;
  aws.set("db", "2");
  await pass(1_000);
  expect(boots).toEqual([30, 150, 390, 870]);
  state.takesUp = true;
  await pass(1_000);
  expect(boots).toHaveLength(5);
});

test("a boot that failed for a passing reason is begun again though the versions were seen; one that failed for good is not", async () => {
  const { pass, aws, boots, contents, state } = scene({ everySeconds: 60 });
  state.ends = ended("failed", { what: "w", why: "y", exitCode: 75 });
  aws.set("db", "2");
  await pass(200);
  expect(boots).toEqual([30, 150]);
  state.ends = ended("failed", { what: "w", why: "y", exitCode: 69 });
  await pass(1_000);
  expect(boots).toEqual([30, 150, 390]);
  contents.set(STATUS, ended("ready"));
  await pass(1_000);
  expect(boots).toHaveLength(3);
});

test("an AWS that gives no answer is asked ever more seldom, with one call each time", async () => {
  const { pass, asked, boots, state, view } = scene({ everySeconds: 60 });
  state.isThere = false;
  await pass(1_000);
  expect([asked, boots]).toEqual([[30, 150, 390, 870], []]);
  expect(view.events.map(({ text }) => text)).toContain("values: AWS gave no answer about their versions: no route");
});

test("versions that were refused are not tried again until they are due", async () => {
  const { pass, boots, contents, state } = scene({ everySeconds: 60 });
  const refuse = (minutes: number) =>
    JSON.stringify({
      version: 1,
      seen: "x",
      tries: 1,
      retryAt: new Date(START + minutes * 60_000).toISOString(),
      what: "w",
      why: "y",
    });
  contents.set(STATUS, ended("degraded", { code: "values.refused", what: "w", why: "y" }));
  contents.set(REFUSED, refuse(15));
  await pass(899);
  expect(boots).toEqual([]);
  // Refused again: the boot says until when.
  state.takesUp = true;
  await pass(32);
  expect(boots).toEqual([930]);
  contents.set(REFUSED, refuse(60));
  await pass(1_000);
  expect(boots).toEqual([930]);
});

test.each([
  ["a boot failed", { [STATUS]: ended("failed") }],
  ["a boot is under way", { [STATUS]: statusBytes(bootingStatus(undefined, { agent: "1", at: new Date(START) })) }],
  ["maintenance goes on", { "/run/greenleaf/maintenance": "moving disks" }],
  ["nothing was fetched yet", { [WATCHED]: "" }],
])("nobody is asked while %s", async (_what, changes) => {
  const { pass, aws, asked, boots, contents } = scene({ everySeconds: 60 });
  for (const [path, text] of Object.entries(changes)) contents.set(path, text);
  aws.set("db", "2");
  await pass(300);
  expect([asked, boots]).toEqual([[], []]);
});

test("nor while the node drains", async () => {
  const { pass, aws, asked, view } = scene({ everySeconds: 60 });
  view.drain("Spot notice");
  aws.set("db", "2");
  await pass(300);
  expect(asked).toEqual([]);
});
