import { expect, test } from "vitest";
import { type MemoryEngine, memoryEngine } from "../../../../../tests/support/memory-engine.ts";
import { SimulatedClock } from "../../../../../tests/support/simulated/clock.ts";
import { memoryFiles } from "../../../../../tests/support/simulated/files.ts";
import { stackFrom } from "../../../../../tests/support/stack-from.ts";
import { sha256 } from "../../../base/digest.ts";
import { ConfigurationError, TemporaryError } from "../../../base/errors.ts";
import type { World } from "../../../world.ts";
import { applyStack } from "../stack.ts";

const failed = (why: string) => new TemporaryError("start failed", { code: "engine.failed", why, fix: "look" });

type Body = {
  User?: string;
  NetworkingConfig?: { EndpointsConfig?: object };
  WorkingDir?: string;
  HostConfig?: { LogConfig?: object };
};

/** An engine that starts what `isStartable` says of the body; of a program it does not find it says so. */
function machine(isStartable: (body: Body) => boolean) {
  const engine = memoryEngine({ x: "sha256:i" });
  const start = engine.start.bind(engine);
  engine.start = async (id) => {
    const body = engine.containers.get(id)?.body as Body & { Entrypoint?: string[] };
    if (!isStartable(body)) throw failed("unable to find user");
    const [program = ""] = body.Entrypoint ?? [];
    if (program.includes("no-such-program")) throw failed(`exec: "${program}": no such file or directory`);
    await start(id);
  };
  const clock = new SimulatedClock();
  const ports = { holderOf: async () => undefined };
  const sysctl = { availableBytes: () => 2 ** 30 };
  const world = { engine, files: memoryFiles(new Map()), clock, digest: sha256, ports, sysctl } as unknown as World;
  const boot = async (user: string, more: object = {}) => {
    engine.calls.length = 0;
    const read = stackFrom({ services: { web: { image: "x", user, restart: "always", volumes: [], ...more } } });
    const context = { world, mode: "apply" as const, redact: (text: string) => text, healthyWithinMs: 5_000 };
    const quiet = { progress: () => undefined, tell: () => undefined };
    await clock.run(
      applyStack({ ...context, ...quiet }, { file: "/f", project: "gl", variables: () => undefined, read }),
    );
  };
  return { engine, boot };
}

const states = ({ containers }: MemoryEngine) => [...containers.values()].map(({ name, state }) => `${name} ${state}`);

test("a release that the engine does not start leaves the old container as it is, and is at fault", async () => {
  const { engine, boot } = machine(({ User }) => User !== "nobodyhere");
  await boot("1000");
  const refused = boot("nobodyhere");
  await expect(refused).rejects.toBeInstanceOf(ConfigurationError);
  await expect(refused).rejects.toMatchObject({
    message: expect.stringMatching(/^stack: create container .*gl-web-1 failed$/),
    why: "unable to find user",
  });
  expect(states(engine)).toEqual(["gl-web-1 running"]);
});

test("an engine that starts nothing at all is at fault itself: later may help, and the old container stays", async () => {
  let isSick = false;
  const { engine, boot } = machine(() => !isSick);
  await boot("1000");
  isSick = true;
  await expect(boot("1001")).rejects.toMatchObject({ code: "engine.failed", exitCode: 75 });
  expect(states(engine)).toEqual(["gl-web-1 running"]);
});

test.each([{ command: ["/missing", "x"] }, { command: ["missing"] }, { entrypoint: ["/missing"], command: ["serve"] }])(
  "a program that the image lacks is told before the old container stops: %j",
  async (more) => {
    const { engine, boot } = machine(() => true);
    await boot("1000");
    await expect(boot("1000", more)).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(/^stack: create container .*gl-web-1 failed$/),
      why: expect.stringContaining("/missing"),
    });
    expect(states(engine)).toEqual(["gl-web-1 running"]);
  },
);

test("on a fresh machine a start that fails names its container, and whose fault it is", async () => {
  const { boot } = machine(({ User }) => User !== "nobodyhere");
  await expect(boot("nobodyhere")).rejects.toMatchObject({
    message: "stack: start container gl-web-1 failed",
    exitCode: 78,
  });
});

test("what is tried runs alone, without a name in the stack, and goes before the old container stops", async () => {
  const { engine, boot } = machine(() => true);
  await boot("1000");
  const create = engine.create.bind(engine);
  const tried: object[] = [];
  engine.create = async (name, body) => {
    if (name.endsWith("-trial")) tried.push(body);
    return create(name, body);
  };
  await boot("1001");
  expect(tried).toMatchObject([
    {
      User: "1001",
      HostConfig: { NetworkMode: "none", PortBindings: {}, RestartPolicy: { Name: "no" } },
      Labels: { "com.docker.compose.oneoff": "True" },
    },
  ]);
  expect(tried).not.toMatchObject([{ Labels: { "io.greenleaf.hash": expect.anything() } }]);
  const calls = engine.calls.map((call) => call.replace(/id-\d+_/, ""));
  expect(calls.indexOf("remove with volumes gl-web-1-trial")).toBeLessThan(calls.indexOf("stop gl-web-1"));
  expect(calls.filter((call) => call === "create gl-web-1-trial")).toHaveLength(1);
});

test("where there is nothing to lose nothing is tried", async () => {
  const { engine, boot } = machine(() => true);
  await boot("1000");
  expect(engine.calls.filter((call) => call.includes("trial"))).toEqual([]);
});

test("an engine too busy for one start is asked again, on a fresh machine and for a replacement", async () => {
  let refusals = 0;
  const { engine, boot } = machine(() => refusals-- <= 0);
  for (const user of ["1000", "1001"]) {
    refusals = 1;
    await boot(user);
  }
  expect(states(engine)).toEqual(["gl-web-1 running"]);
});

test("a start that fails where its trial does not is no fault of the release: later may help", async () => {
  const { engine, boot } = machine(
    ({ NetworkingConfig }) => Object.keys(NetworkingConfig?.EndpointsConfig ?? {}).length === 0,
  );
  await expect(boot("1000")).rejects.toMatchObject({ code: "engine.failed", exitCode: 75 });
  expect(engine.calls.filter((call) => call.startsWith("create") && call.endsWith("-trial"))).toHaveLength(3);
});

/** An engine that makes nothing of this. */
function refusing(isMade: (body: Body, platform: string | undefined) => boolean) {
  const { engine, boot } = machine(() => true);
  const create = engine.create.bind(engine);
  engine.create = async (name, body, platform) => {
    if (!isMade(body, platform)) throw failed("not of this kind");
    return create(name, body, platform);
  };
  return { engine, boot };
}

test.each([
  { what: "another platform than its image's", more: { platform: "linux/arm64" } },
  { what: "a folder that cannot be", more: { working_dir: "/etc/passwd/x" } },
])("$what is refused when a container is made: a fault of the release, fresh or replaced", async ({ more }) => {
  const { engine, boot } = refusing(({ WorkingDir }, platform) => platform === undefined && WorkingDir === undefined);
  const refused = { exitCode: 78, message: expect.stringMatching(/create container .*gl-web-1 failed/) };
  await expect(boot("1000", more)).rejects.toMatchObject(refused);
  await boot("1000");
  await expect(boot("1001", more)).rejects.toMatchObject(refused);
  expect(states(engine)).toEqual(["gl-web-1 running"]);
});

test("a log collector that is away is no fault of the release", async () => {
  const { engine, boot } = machine(({ HostConfig }) => HostConfig?.LogConfig === undefined);
  await boot("1000");
  const more = { logging: { driver: "fluentd", options: {} } };
  await expect(boot("1000", more)).rejects.toMatchObject({ code: "engine.failed", exitCode: 75 });
  expect(states(engine)).toEqual(["gl-web-1 running"]);
});
