import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { EngineSocket } from "../../../node-agent/src/adapters/docker/engine-socket.ts";
import { TemporaryError } from "../../../node-agent/src/base/errors.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { done, pending } from "../../../node-agent/src/base/wait.ts";
import type { AutoScaling, LifecycleAction } from "../../../node-agent/src/core/node/lifecycle.ts";
import type { ListedContainer } from "../../../node-agent/src/core/stack/containers.ts";
import { drain, drainer } from "../../../node-agent/src/daemon/app/drain.ts";
import { groupsOf } from "../../../node-agent/src/daemon/app/groups.ts";
import { watchInterruptions } from "../../../node-agent/src/daemon/app/interruptions.ts";
import { View } from "../../../node-agent/src/daemon/app/view.ts";
import { DAEMON_TIMES, runDaemon } from "../../../node-agent/src/daemon/daemon.ts";
import { Watchdog } from "../../../node-agent/src/daemon/watchdog.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { ask } from "../../support/test-node.ts";

const LIMITS = { atLeastMs: 2_000, quietMs: 1_000, atMostMs: 10_000 };
/** One connection of Caddy to an app, as the kernel lists it, and none. */
const BUSY = "   0: 0200000A:D431 0300000A:2328 01 00000000:00000000 00:00000000\n";
const QUIET = "";

const container = (service: string, dependsOn = "", State = "running"): ListedContainer => ({
  Id: `id-${service}`,
  Names: [`/greenleaf-${service}-1`],
  Image: "image",
  State,
  Status: State === "running" ? "Up 3 minutes (healthy)" : "Exited (0)",
  Labels: {
    "com.docker.compose.service": service,
    "com.docker.compose.project": "greenleaf",
    "com.docker.compose.depends_on": dependsOn,
    "com.docker.compose.oneoff": "False",
  },
});

interface Scene {
  readonly containers?: readonly ListedContainer[];
  /** What the kernel's table says at each look; the last one stays. */
  readonly tables?: ReadonlyArray<string | Error>;
  readonly refuses?: string;
  readonly status?: object;
  /** Of an agent before this one. */
  readonly root?: string;
  /** When this agent starts, in milliseconds of the machine's own clock, and which run of the machine it is. */
  readonly startsAt?: number;
  readonly machineRun?: string;
}

function newRoot() {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-drain-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

async function scene({
  containers,
  tables = [QUIET],
  refuses,
  status,
  root = newRoot(),
  startsAt = 0,
  machineRun = "run-1",
}: Scene = {}) {
  const files = filesBelow(root);
  if (status !== undefined) await files.write("/var/lib/greenleaf/status.json", JSON.stringify(status));
  const clock = { now: 0 };
  const ending = new AbortController();
  const stopped: string[] = [];
  let look = 0;
  const engineSocket = {
    followLogs: () => new Promise<void>(() => undefined),
    containers: async () => containers ?? [container("caddy", "backend:service_healthy:false"), container("backend")],
    tcpTables: async () => {
      const told = tables[Math.min(look, tables.length - 1)];
      look += 1;
      if (told instanceof Error) throw told;
      return told;
    },
    stop: async (id: string) => {
      if (id === refuses)
        throw new TemporaryError("it could not be stopped", { code: "engine.away", why: "busy", fix: "none" });
      stopped.push(id);
    },
  } as unknown as EngineSocket;
  const uptime = () => `${((startsAt + clock.now) / 1_000).toFixed(2)} 99.00\n`;
  const world = {
    files,
    machine: { read: async (path: string) => (path === "/proc/uptime" ? uptime() : `${machineRun}\n`) },
    imds: () => undefined,
    engineSocket,
    clock: {
      now: () => clock.now,
      date: () => new Date("2026-05-02T00:00:00Z"),
      sleep: async (ms: number) => void (clock.now += ms),
      alarm: () => () => undefined,
    },
  } as unknown as World;
  const view = new View(world.clock, { role: "app", stalled: () => [], tell: undefined });
  const refresh = () => view.refresh({ files, engine: engineSocket, project: "greenleaf" });
  await refresh();
  const watchdog = new Watchdog({ clock: world.clock, notify: undefined });
  const daemon = { world, view, watchdog, signal: ending.signal };
  const notes = () => view.events.map(({ text }) => text).toReversed();
  return { daemon, view, clock, stopped, ending, notes, refresh, root, world };
}

const STATUS = {
  version: 1,
  verdict: "ready",
  agent: "0.1.0",
  services: ["backend", "caddy"],
  phases: [],
  started: "2026-05-01T00:00:00.000Z",
  updated: "2026-05-01T00:00:00.000Z",
};

test("a node that drains is out of traffic at once, and stops the front before what it asks", async () => {
  const { daemon, view, stopped, clock, notes } = await scene();
  const draining = drain(daemon, { why: "Spot notice", limits: LIMITS });
  expect(view.health()).toEqual({ status: "unhealthy", reason: "draining: Spot notice" });
  await draining;
  expect(stopped).toEqual(["id-caddy", "id-backend"]);
  expect(clock.now).toBe(2_000);
  expect(notes().slice(-4)).toEqual([
    "draining: Spot notice",
    "stopping the stack after 2 s, nothing under way",
    "greenleaf-caddy-1: stopped",
    "greenleaf-backend-1: stopped",
  ]);
});

test("requests under way are waited for, and the quiet counts from their end", async () => {
  const { daemon, clock } = await scene({ tables: [...Array.from({ length: 9 }, () => BUSY), QUIET] });
  await drain(daemon, { why: "x", limits: LIMITS });
  // Busy at 0 to 4 s, quiet for a whole second after the last look that was busy.
  expect(clock.now).toBe(5_000);
});

test("requests that never end are waited for no longer than may be", async () => {
  const { daemon, clock, notes, stopped } = await scene({ tables: [BUSY] });
  await drain(daemon, { why: "x", limits: LIMITS });
  expect([clock.now, stopped.length]).toEqual([10_000, 2]);
  expect(notes()).toContain("stopping the stack after 10 s with 1 requests under way");
});

test("an engine that does not answer means that the full time is waited, for nobody knows", async () => {
  const { daemon, clock, notes } = await scene({
    tables: [new TemporaryError("gone", { code: "engine.away", why: "x", fix: "y" })],
  });
  await drain(daemon, { why: "x", limits: LIMITS });
  expect(clock.now).toBe(10_000);
  expect(notes()).toContain("stopping the stack after 10 s with an unknown number of requests under way");
});

test("an agent that is told to end while it drains stops no container: its successor goes on", async () => {
  const { daemon, stopped, ending, notes } = await scene({ tables: [BUSY] });
  const draining = drain(daemon, { why: "x", limits: LIMITS });
  ending.abort();
  await draining;
  expect(stopped).toEqual([]);
  expect(notes().some((text) => text.startsWith("stopping the stack"))).toBe(false);
});

test("the agent after one that was ended while it drained counts on: nothing is stopped early, and nothing late", async () => {
  const root = newRoot();
  const first = await scene({ root, tables: [QUIET], startsAt: 60_000 });
  const draining = drain(first.daemon, { why: "Spot notice", limits: LIMITS });
  first.ending.abort();
  await draining;
  expect(first.stopped).toEqual([]);
  // Half a second later, with 1.5 s to go; the clock of a process begins anew.
  const second = await scene({ root, startsAt: 60_500 });
  await drain(second.daemon, { why: "Spot notice", limits: LIMITS });
  expect([second.clock.now, second.stopped.length]).toEqual([1_500, 2]);
  // One that comes when the whole time is over waits no second time, whatever is under way.
  const third = await scene({ root, startsAt: 75_000, tables: [BUSY] });
  await drain(third.daemon, { why: "Spot notice", limits: LIMITS });
  expect([third.clock.now, third.stopped.length]).toEqual([0, 2]);
});

test("a drain of an earlier run of the machine is over: a Spot instance that was stopped starts again", async () => {
  const root = newRoot();
  const before = await scene({ root, startsAt: 60_000 });
  await drain(before.daemon, { why: "Spot notice", limits: LIMITS });
  const after = await scene({ root, startsAt: 90_000, machineRun: "run-2" });
  await drain(after.daemon, { why: "Spot notice", limits: LIMITS });
  expect(after.clock.now).toBe(2_000);
});

test("two that hear of the end at once drain the node once", async () => {
  const one = await scene();
  const drainOnce = drainer(one.daemon, LIMITS);
  await Promise.all([drainOnce("Spot notice"), drainOnce("the group ends it")]);
  expect(one.stopped).toEqual(["id-caddy", "id-backend"]);
  expect(one.notes().filter((text) => text.startsWith("draining"))).toEqual(["draining: Spot notice"]);
});

/** What the agent of a scene says on its socket, from its very first answer to its last container's stop. */
async function answersWhile({ world, root, ending, stopped }: Awaited<ReturnType<typeof scene>>) {
  const node = { project: "greenleaf", environment: "test", role: "app" } as const;
  const times = { ...DAEMON_TIMES, drain: LIMITS };
  const running = runDaemon(world, { node, port: 0, signal: ending.signal, times });
  const answers = new Set<string>();
  const enough = () => stopped.length === 2 || answers.size > 1;
  while (!enough() || answers.size === 0) {
    const answer = await ask(join(root, "run/greenleaf/agent.sock"), "/healthz").catch(() => undefined);
    if (answer !== undefined) answers.add(`${answer.status} ${answer.body.reason ?? ""}`.trim());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  ending.abort();
  await running;
  return [...answers];
}

test("an agent that starts on a node that drains says so from its first answer, and ends the drain without IMDS", async () => {
  const root = newRoot();
  const first = await scene({ root });
  first.ending.abort();
  await drain(first.daemon, { why: "Spot notice", limits: LIMITS });
  const second = await scene({ root, startsAt: 200 });
  expect(await answersWhile(second)).toEqual(["503 draining: Spot notice"]);
  expect(second.stopped).toEqual(["id-caddy", "id-backend"]);
});

test("a container that cannot be stopped is told, and the next still is stopped", async () => {
  const { daemon, stopped, notes } = await scene({ refuses: "id-caddy" });
  await drain(daemon, { why: "x", limits: LIMITS });
  expect(stopped).toEqual(["id-backend"]);
  expect(notes()).toContain("it could not be stopped: busy");
});

test("what is stopped already is neither asked for connections nor stopped again", async () => {
  const stoppedBackend = [container("caddy"), container("backend", "", "exited")];
  const { daemon, stopped } = await scene({ containers: stoppedBackend });
  await drain(daemon, { why: "x", limits: LIMITS });
  expect(stopped).toEqual(["id-caddy"]);
});

test("the status on disk says that the node drains and why, where there is one", async () => {
  const { daemon, root } = await scene({ status: STATUS });
  await drain(daemon, { why: "Spot notice", limits: LIMITS });
  const status = JSON.parse(readFileSync(join(root, "var/lib/greenleaf/status.json"), "utf8")) as Record<
    string,
    unknown
  >;
  expect(status).toMatchObject({ verdict: "draining", updated: "2026-05-02T00:00:00.000Z" });
  expect(JSON.stringify(status)).toContain("Spot notice");
});

/** The metadata service, by path; what it has not is not there. */
async function watched(
  metadata: Map<string, string>,
  run: (told: string[], end: () => void, stopped: readonly string[]) => Promise<unknown>,
) {
  const one = await scene();
  const told: string[] = [];
  const imds = {
    read: async (path: string) => {
      told.push(path);
      return metadata.get(path) === "silent" ? pending("no answer") : done(metadata.get(path));
    },
  };
  const groups = {
    tellTerminated: async () => void told.push("terminated"),
    tellUndelivered: async () => undefined,
  };
  const times = { spotMs: 1, targetMs: 1, drain: { atLeastMs: 0, quietMs: 0, atMostMs: 0 } };
  const drain = drainer(one.daemon, times.drain);
  const watching = watchInterruptions(one.daemon, { imds: imds as never, groups, times, drain });
  await run(told, () => one.ending.abort(), one.stopped);
  one.ending.abort();
  await watching;
  return { ...one, told };
}

const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
};
const SPOT = "meta-data/spot/instance-action";
const KIND = "meta-data/instance-life-cycle";
const TARGET = "meta-data/autoscaling/target-lifecycle-state";

test("a Spot instance that gets its notice is drained once", async () => {
  const metadata = new Map([[KIND, "spot\n"]]);
  const { notes, stopped } = await watched(metadata, async (told, _, stopped) => {
    await until(() => told.filter((path) => path === SPOT).length > 2);
    metadata.set(SPOT, '{"action": "terminate", "time": "2026-05-02T00:02:00Z"}');
    await until(() => stopped.length === 2);
    const seen = told.length;
    await until(() => told.length > seen + 20);
  });
  expect(stopped).toEqual(["id-caddy", "id-backend"]);
  expect(notes().filter((text) => text.startsWith("draining"))).toEqual([
    "draining: Spot notice: terminate at 2026-05-02T00:02:00Z",
  ]);
});

test("an IMDS that is silent while the agent starts hides no Spot notice later", async () => {
  const metadata = new Map([[KIND, "silent"]]);
  const { stopped } = await watched(metadata, async (told, _, stopped) => {
    await until(() => told.filter((path) => path === KIND).length > 0);
    metadata.set(KIND, "spot").set(SPOT, '{"action": "terminate"}');
    await until(() => stopped.length === 2);
    const seen = told.length;
    await until(() => told.length > seen + 20);
  });
  expect(stopped).toEqual(["id-caddy", "id-backend"]);
});

test("an instance that is none of Spot's is not asked for notices, and one without an answer is not drained", async () => {
  const { told, stopped } = await watched(
    new Map([
      [KIND, "on-demand"],
      [SPOT, "x"],
      [TARGET, "silent"],
    ]),
    (told) => until(() => told.filter((path) => path === TARGET).length > 5),
  );
  expect([told.includes(SPOT), stopped]).toEqual([false, []]);
});

test("a node that its group ends is drained, and the group is told afterwards", async () => {
  const { told, stopped } = await watched(new Map([[TARGET, "Terminated"]]), (told) =>
    until(() => told.includes("terminated")),
  );
  expect(stopped).toEqual(["id-caddy", "id-backend"]);
  expect(told).toContain("terminated");
});

test("an agent that is told to end while it drains tells its group nothing", async () => {
  const { told } = await watched(new Map([[TARGET, "Terminated"]]), async (told, end) => {
    await until(() => told.includes(TARGET));
    end();
  });
  expect(told).not.toContain("terminated");
});

async function grouped(state: string, status?: object) {
  const one = await scene(status === undefined ? {} : { status });
  const completed: LifecycleAction[] = [];
  let isAway = false;
  const autoScaling: AutoScaling = {
    membership: async () => {
      if (isAway) throw new TemporaryError("AWS is away", { code: "engine.away", why: "cut", fix: "wait" });
      return { group: "app", state };
    },
    complete: async (action) => {
      completed.push(action);
      return { done: true };
    },
  };
  const groups = groupsOf(one.daemon, { instanceId: "i-1", autoScaling });
  return { ...one, groups, completed, away: (is: boolean) => void (isAway = is) };
}

test("a group that waits for the end is told once, however often it is asked for", async () => {
  const { groups, completed, notes } = await grouped("Terminating:Wait");
  await groups.tellTerminated();
  await groups.tellTerminated();
  expect(completed).toEqual([{ group: "app", hook: "greenleaf-terminate", instanceId: "i-1", result: "CONTINUE" }]);
  expect(notes()).toContain("greenleaf-terminate of app: CONTINUE");
});

test("a group that could not be told is told again, one that waits for nothing is not", async () => {
  const one = await grouped("Terminating:Wait");
  one.away(true);
  await one.groups.tellTerminated();
  expect(one.notes().join("\n")).toContain("AWS is away: cut");
  one.away(false);
  await one.groups.tellTerminated();
  expect(one.completed).toHaveLength(1);
  const none = await grouped("Terminated");
  await none.groups.tellTerminated();
  expect([none.completed, none.notes().at(-1)]).toEqual([[], "no hook greenleaf-terminate waits"]);
});

const hook = { name: "greenleaf-launch", result: "CONTINUE", delivered: false, why: "AWS was away" };

test("a verdict that the boot could not tell is told later, and that is kept", async () => {
  const { groups, completed, root, refresh, notes } = await grouped("Pending:Wait", { ...STATUS, hook });
  await groups.tellUndelivered();
  expect(completed).toEqual([{ group: "app", hook: "greenleaf-launch", instanceId: "i-1", result: "CONTINUE" }]);
  expect(notes()).toContain("greenleaf-launch: CONTINUE, told late");
  const kept = JSON.parse(readFileSync(join(root, "var/lib/greenleaf/status.json"), "utf8")) as typeof STATUS & {
    hook: object;
  };
  expect(kept.hook).toMatchObject({ delivered: true, group: "app" });
  await refresh();
  await groups.tellUndelivered();
  expect(completed).toHaveLength(1);
});

test.each([
  ["there is no verdict", undefined],
  ["it was delivered", { ...STATUS, hook: { ...hook, delivered: true } }],
  ["the node boots again", { ...STATUS, verdict: "booting", hook }],
  ["no hook was ever told", STATUS],
])("nothing is told late while %s", async (_, status) => {
  const { groups, completed } = await grouped("Pending:Wait", status);
  await groups.tellUndelivered();
  expect(completed).toEqual([]);
});

test("a verdict for which nobody waits any more counts as told", async () => {
  const { groups, completed, root } = await grouped("InService", { ...STATUS, hook });
  await groups.tellUndelivered();
  expect(completed).toEqual([]);
  const kept = JSON.parse(readFileSync(join(root, "var/lib/greenleaf/status.json"), "utf8")) as { hook: object };
  expect(kept.hook).toMatchObject({ delivered: true, why: "nothing waits" });
});
