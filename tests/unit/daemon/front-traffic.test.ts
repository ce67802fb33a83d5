import { expect, test } from "vitest";
import { bootingStatus, finishedStatus, statusBytes } from "../../../node-agent/src/core/node/status/status.ts";
import { FrontTraffic } from "../../../node-agent/src/daemon/app/front-traffic.ts";
import { View } from "../../../node-agent/src/daemon/app/view.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { memoryFiles } from "../../support/simulated/files.ts";

const STATUS = "/var/lib/greenleaf/status.json";
const AT = new Date("2026-05-02T00:00:00Z");
const access = (status: number, uri = "/") =>
  JSON.stringify({ logger: "http.log.access", request: { uri }, status, duration: 0.01 });

const listed = (Id: string, service: string, State = "running") => ({
  Id,
  Names: [`/greenleaf-${Id}`],
  Image: "i",
  State,
  Status: "Up",
  Labels: { "com.docker.compose.service": service },
});

/** A daemon whose engine has these containers, looked at whenever the test says so. */
function scene() {
  const clock = { now: 0 };
  const contents = new Map<string, string>();
  const engine = { containers: [listed("front", "caddy"), listed("app", "backend")] };
  const open = new Map<string, { say: (line: string) => void; end: () => void }>();
  const opened: string[] = [];
  const engineSocket = {
    containers: async () => engine.containers,
    followLogs: (id: string, heard: (line: string) => void) => {
      opened.push(id);
      const { promise, resolve } = Promise.withResolvers<void>();
      open.set(id, { say: heard, end: resolve });
      return promise;
    },
  };
  const times = { now: () => clock.now, date: () => new Date(AT.getTime() + clock.now) };
  const world = { clock: times, engineSocket, files: memoryFiles(contents) } as unknown as World;
  const view = new View(world.clock, { role: "app", stalled: () => [], tell: undefined });
  const traffic = new FrontTraffic({ world, view, signal: new AbortController().signal });
  const look = async (ms = 1_000) => {
    clock.now += ms;
    await view.refresh({ files: world.files, engine: world.engineSocket, project: "greenleaf" });
    traffic.consider();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { view, look, engine, open, opened, contents };
}

test("the front's log alone is read, the balancer's questions are left out", async () => {
  const { view, look, open, opened } = scene();
  await look();
  await look();
  expect(opened).toEqual(["front"]);
  for (const line of [access(200), access(503), access(200, "/healthz"), access(0), "no JSON"])
    open.get("front")?.say(line);
  expect(view.traffic()).toEqual([{ at: AT.getTime(), requests: 2, errors: 1 }]);
});

test("while the front is replaced both logs are read, and one that ended is opened again after a while", async () => {
  const { look, engine, open, opened } = scene();
  await look();
  engine.containers.push(listed("stand-in", "caddy"), listed("old", "caddy", "exited"));
  await look();
  expect(opened).toEqual(["front", "stand-in"]);
  open.get("stand-in")?.end();
  await new Promise((resolve) => setImmediate(resolve));
  await look(5_000);
  await look(4_000);
  expect(opened).toHaveLength(2);
  await look(2_000);
  expect(opened).toEqual(["front", "stand-in", "stand-in"]);
});

test("answers are the release's that serves, not of one whose boot runs or failed", async () => {
  const { view, look, open, contents } = scene();
  const booting = bootingStatus(undefined, { agent: "1", at: AT });
  const status = (verdict: "ready" | "failed", release: string) =>
    contents.set(STATUS, statusBytes(finishedStatus(booting, { verdict, results: [], release, at: AT })));
  const answered = async () => {
    await look(10_000);
    open.get("front")?.say(access(200));
    return view.traffic().at(-1)?.release;
  };
  status("ready", "one");
  await look();
  expect(await answered()).toBe("one");
  contents.set(STATUS, statusBytes({ ...booting, release: "two" }));
  expect(await answered()).toBe("one");
  status("failed", "two");
  expect(await answered()).toBe("one");
  status("ready", "two");
  expect(await answered()).toBe("two");
});

test("a router has no picture", () => {
  const clock = { now: () => 0, date: () => AT };
  const view = new View(clock as unknown as World["clock"], { role: "router", stalled: () => [], tell: undefined });
  expect(view.traffic()).toEqual([]);
});
