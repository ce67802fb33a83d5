import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigurationError, TemporaryError } from "../../node-agent/src/base/errors.ts";
import { eventText, type LogEvent } from "../../node-agent/src/base/log.ts";
import { readDaemonNode } from "../../node-agent/src/core/node/daemon-node.ts";
import { bootingStatus, finishedStatus } from "../../node-agent/src/core/node/status/status.ts";
import { DAEMON_TIMES, type DaemonTimes, runDaemon } from "../../node-agent/src/daemon/daemon.ts";
import { identify } from "../../node-agent/src/phases/boot/identify.ts";
import { reported } from "../../node-agent/src/phases/boot/report.ts";
import { type Boot, type Phase, runPhases, Sequence } from "../../node-agent/src/phases/phase.ts";
import type { Running } from "../../node-agent/src/phases/stages.ts";
import { realWorld } from "../../node-agent/src/world.ts";
import { type AutoScalingFault, type FakeAutoScaling, startFakeAutoScaling } from "../support/fake-auto-scaling.ts";
import { type FakeImds, startFakeImds } from "../support/fake-imds.ts";
import { docker, newTestNode, type TestNode, within } from "../support/test-node.ts";

const TARGET = "meta-data/autoscaling/target-lifecycle-state";
const SPOT = "meta-data/spot/instance-action";
const NOTICE = JSON.stringify({ action: "terminate", time: "2030-01-01T00:02:00Z" });

/** As in production, but nothing to wait for before the stack stops. */
const AT_ONCE: DaemonTimes = {
  ...DAEMON_TIMES,
  targetMs: 200,
  tellMs: 200,
  drain: { atLeastMs: 0, quietMs: 0, atMostMs: 5_000 },
};

let imds: FakeImds;
let group: FakeAutoScaling;
let node: TestNode;
let running: Array<{ stop: () => Promise<void> }>;

beforeEach(async () => {
  delete process.env.AWS_ACCESS_KEY_ID;
  imds = await startFakeImds();
  group = await startFakeAutoScaling();
  node = newTestNode({ imds: imds.url, aws: group.url });
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map(({ stop }) => stop()));
  expect(group.unsigned).toEqual([]);
  node.remove();
  await Promise.all([imds.close(), group.close()]);
});

function serve(times: DaemonTimes = AT_ONCE): { stop: () => Promise<void> } {
  const world = realWorld({ root: node.root });
  const abort = new AbortController();
  const document = readDaemonNode(JSON.stringify(nodeDocument()), "test");
  const ended = runDaemon(world, { node: document, port: 0, signal: abort.signal, times });
  const agent = {
    stop: async () => {
      abort.abort();
      await ended;
    },
  };
  running.push(agent);
  return agent;
}

const nodeDocument = () => ({
  project: node.project,
  environment: "test",
  role: "app",
  region: "eu-west-3",
  endpoints: { imds: imds.url, aws: group.url },
});

const answers = async () => (await node.healthz().catch(() => undefined))?.status;
const serving = () => within(60_000, "the agent answers", async () => (await answers()) !== undefined);
const draining = async () => (await node.healthz().catch(() => undefined))?.body.reason?.startsWith("draining");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the end of an instance", () => {
  test("a Spot notice takes the node out of traffic, with the intervals of production", async () => {
    imds.paths.set("meta-data/instance-life-cycle", "spot");
    node.writeStatus(
      finishedStatus(bootingStatus(undefined, { agent: "1", at: new Date() }), {
        verdict: "ready",
        results: [],
        at: new Date(),
      }),
    );
    serve(DAEMON_TIMES);
    await serving();
    await pause(700);
    imds.paths.set(SPOT, NOTICE);
    await within(60_000, "draining", async () => (await draining()) === true);
    expect((await node.healthz()).body.reason).toBe("draining: Spot notice: terminate at 2030-01-01T00:02:00Z");
    await within(60_000, "the status says so", () => node.status()?.verdict === "draining");
  });

  test("an on-demand instance is never asked for a Spot notice", async () => {
    serve();
    await serving();
    await within(
      5_000,
      "the group's word is asked for",
      () => imds.requests.filter((path) => path === TARGET).length > 3,
    );
    expect(imds.requests).not.toContain(SPOT);
  });

  test("the hook is completed once, however often the group repeats itself", async () => {
    group.state = "Terminating:Wait";
    imds.paths.set(TARGET, "Terminated");
    serve();
    await within(60_000, "the hook is completed", () => group.completions.length > 0);
    const asked = imds.requests.length;
    await within(60_000, "ten more looks", () => imds.requests.length > asked + 10);
    expect(group.completions).toEqual([{ hook: "greenleaf-terminate", result: "CONTINUE" }]);
    expect(group.actions).toEqual(["DescribeAutoScalingInstances", "CompleteLifecycleAction"]);
  });

  test.each<[string, AutoScalingFault[]]>([
    ["refuses with 500", ["500", "none", "500", "500"]],
    ["throttles", ["throttle", "none", "throttle"]],
    ["loses the answer of a completion", ["none", "reset after"]],
    ["fails after the completion", ["none", "500 after"]],
    ["cuts an answer short", ["cut", "none", "cut"]],
    ["answers late", ["delay", "delay"]],
    ["says the clock is off", ["skew", "none", "skew"]],
    ["does all of it", ["500", "throttle", "cut", "none", "throttle", "500 after", "500", "delay"]],
  ])("the hook is completed once when AWS %s", async (_name, faults) => {
    group.state = "Terminating:Wait";
    group.faults.push(...faults);
    imds.paths.set(TARGET, "Terminated");
    serve();
    await within(
      30_000,
      "every fault is met and the hook is completed",
      () => group.completions.length > 0 && group.faults.length === 0,
    );
    const actions = group.actions.length;
    await pause(1_000);
    expect(group.completions).toEqual([{ hook: "greenleaf-terminate", result: "CONTINUE" }]);
    // A lost answer is asked for once more; then there is silence.
    expect(group.actions.length - actions).toBeLessThanOrEqual(1);
  });

  test("a group that is slower than IMDS is waited for", async () => {
    imds.paths.set(TARGET, "Terminated");
    serve();
    await within(60_000, "the state is asked for", () => group.actions.length > 0);
    group.state = "Terminating";
    await pause(500);
    expect(group.completions).toEqual([]);
    group.state = "Terminating:Wait";
    await within(60_000, "the hook is completed", () => group.completions.length === 1);
  });

  test("an agent that is restarted while it drains finishes, and the hook is completed once", async () => {
    group.state = "Terminating:Wait";
    imds.paths.set(TARGET, "Terminated");
    const first = serve({ ...AT_ONCE, drain: { atLeastMs: 3_000, quietMs: 0, atMostMs: 3_000 } });
    await within(60_000, "draining", async () => (await draining()) === true);
    await first.stop();
    expect(group.completions).toEqual([]);
    serve();
    await within(60_000, "the hook is completed", () => group.completions.length === 1);
    await pause(600);
    expect(group.completions).toHaveLength(1);
  });

  test("a role that may not complete hooks leaves a trace, and the node is drained all the same", async () => {
    group.state = "Terminating:Wait";
    group.faults.push("none", "denied");
    imds.paths.set(TARGET, "Terminated");
    serve();
    await within(60_000, "the refusal is met and another try succeeds", () => group.completions.length === 1);
    expect(group.actions.filter((action) => action === "DescribeAutoScalingInstances")).toHaveLength(2);
  });

  test("an expired token and a failing metadata service hide no notice", async () => {
    serve();
    await serving();
    imds.expireTokens();
    imds.fail(503, 3);
    imds.paths.set(TARGET, "Terminated");
    group.state = "Terminating:Wait";
    await within(60_000, "the hook is completed", () => group.completions.length === 1);
  });

  test("requests under way are waited for, then the containers stop in order: who depends on others first", async () => {
    const backend = node.start("backend", { command: "nc -ll -p 9000 -e /bin/cat" });
    const address = docker("inspect", "-f", "{{.NetworkSettings.IPAddress}}", backend);
    const command = `sleep 4 | nc ${address} 9000; touch /tmp/answered; sleep 3600`;
    const caddy = node.start("caddy", { command, dependsOn: "backend:service_healthy:false" });
    group.state = "Terminating:Wait";
    serve({ ...AT_ONCE, drain: { atLeastMs: 0, quietMs: 600, atMostMs: 20_000 } });
    await within(60_000, "healthy", async () => (await answers()) === 200);
    imds.paths.set(TARGET, "Terminated");
    await within(60_000, "draining", async () => (await draining()) === true);
    await within(120_000, "the hook is completed", () => group.completions.length === 1);
    // The request had its end before its container was stopped.
    docker("cp", `${caddy}:/tmp/answered`, join(node.root, "answered"));
    const finished = [caddy, backend].map((id) =>
      docker("inspect", "-f", "{{.State.Running}} {{.State.FinishedAt}}", id),
    );
    expect(finished.map((text) => text.split(" ")[0])).toEqual(["false", "false"]);
    expect(finished[0]!.localeCompare(finished[1]!)).toBe(-1);
  });
});

const fine: Phase = { name: "stack", run: async () => undefined };
const broken: Phase = {
  name: "stack",
  run: () =>
    Promise.reject(
      new ConfigurationError("stack: it is broken", { code: "program.failed", why: "a test", fix: "none" }),
    ),
};

async function boot(last: Phase, changes: Partial<Boot & Running> = {}) {
  const events: LogEvent[] = [];
  const world = realWorld({ root: node.root });
  const log = { emit: (event: LogEvent) => void events.push(event) };
  const state: Boot & Running = {
    world,
    log,
    mode: "apply",
    operations: [],
    results: [],
    services: ["caddy"],
    ...changes,
  };
  const ended = await reported(state, () => runPhases(state, Sequence.of().next(identify).next(last))).catch(
    (error: unknown) => error,
  );
  return { ended, told: events.map(eventText) };
}

describe("the verdict of a boot", () => {
  beforeEach(() => {
    group.state = "Pending:Wait";
  });

  test("a good boot lets the group go on", async () => {
    const { ended, told } = await boot(fine);
    expect(ended).toBe(0);
    expect(group.completions).toEqual([{ hook: "greenleaf-launch", result: "CONTINUE" }]);
    expect(told.at(-1)).toBe("report    greenleaf-launch of greenleaf-app: CONTINUE");
    expect(node.status()).toMatchObject({
      verdict: "ready",
      services: ["caddy"],
      node: { instanceId: "i-0123456789abcdef0", zone: "eu-west-3a" },
      hook: { name: "greenleaf-launch", group: "greenleaf-app", result: "CONTINUE", delivered: true },
    });
  });

  test("a degraded boot goes on as well, and says so", async () => {
    const { ended } = await boot(fine, { degraded: "AWS is away" });
    expect(ended).toBe(2);
    expect(group.completions).toEqual([{ hook: "greenleaf-launch", result: "CONTINUE" }]);
    expect(node.status()).toMatchObject({ verdict: "degraded", reason: { why: "AWS is away", exitCode: 2 } });
  });

  test("a failed boot gives the instance back, with the reason in the status and on the console", async () => {
    const { ended, told } = await boot(broken);
    expect(ended).toBeInstanceOf(ConfigurationError);
    expect(group.completions).toEqual([{ hook: "greenleaf-launch", result: "ABANDON" }]);
    expect(told).toContainEqual(
      expect.stringMatching(/^report {4}verdict failed, \d+\.\ds: stack: it is broken \(a test\)$/),
    );
    expect(node.status()).toMatchObject({
      verdict: "failed",
      reason: { what: "stack: it is broken", why: "a test", fix: "none", exitCode: 78 },
      phases: [{ name: "identify" }, { name: "stack", error: { what: "stack: it is broken", why: "a test" } }],
    });
  });

  test("what may pass keeps the instance: systemd boots again while the group waits, and then says how it went", async () => {
    const passing: Phase = {
      name: "release",
      run: () =>
        Promise.reject(new TemporaryError("release: no answer", { code: "engine.away", why: "no route", fix: "wait" })),
    };
    const { ended } = await boot(passing);
    expect(ended).toBeInstanceOf(TemporaryError);
    expect(group.completions).toEqual([]);
    expect(node.status()).toMatchObject({ verdict: "failed", reason: { exitCode: 75 } });
    await boot(fine);
    expect(group.completions).toEqual([{ hook: "greenleaf-launch", result: "CONTINUE" }]);
  });

  test("booting again tells nobody: nothing waits any more", async () => {
    await boot(fine);
    await boot(fine);
    expect(group.completions).toHaveLength(1);
    expect(group.actions.filter((action) => action === "CompleteLifecycleAction")).toHaveLength(1);
  });

  test("an instance of no group has nobody to tell", async () => {
    group.state = undefined;
    expect((await boot(fine)).ended).toBe(0);
    expect(node.status()?.hook).toBeUndefined();
    expect(group.actions).toEqual(["DescribeAutoScalingInstances"]);
  });

  test("a plan tells nothing and writes nothing", async () => {
    expect((await boot(fine, { mode: "plan" })).ended).toBe(0);
    expect(group.actions).toEqual([]);
    expect(() => node.status()).toThrow("ENOENT");
  });

  test("a verdict that AWS did not take yet (a role is seconds old) is told by the daemon, once", async () => {
    group.faults.push("denied");
    const { ended, told } = await boot(fine);
    expect(ended).toBe(0);
    expect(told.at(-1)).toMatch(
      /^report {4}the group could not be told CONTINUE: autoscaling:Desc\w+ was denied: AccessDenied/,
    );
    expect(node.status()).toMatchObject({ verdict: "ready", hook: { result: "CONTINUE", delivered: false } });
    expect(group.completions).toEqual([]);
    serve();
    await within(60_000, "the verdict is told", () => group.completions.length === 1);
    await within(60_000, "the status says so", () => node.status()?.hook?.delivered === true);
    await pause(600);
    expect(group.completions).toEqual([{ hook: "greenleaf-launch", result: "CONTINUE" }]);
  });
});
