import { beforeAll, describe, expect, test } from "vitest";
import { describeError, EXIT, exitCodeOf } from "../../node-agent/src/base/errors.ts";
import type { LogEvent } from "../../node-agent/src/base/log.ts";
import { STATUS_PATH } from "../../node-agent/src/base/paths.ts";
import type { Invocation } from "../../node-agent/src/cli/command.ts";
import { runBoot } from "../../node-agent/src/cli/run-boot.ts";
import { parseStatus } from "../../node-agent/src/core/node/status/status.ts";
import { realWorld } from "../../node-agent/src/world.ts";
import { type Call, callsOf, type Interceptor, intercepted } from "../support/simulated/calls.ts";
import { type Simulated, simulated } from "../support/simulated/world.ts";

/** What systemd (TimeoutStartSec) and the launch hook (its heartbeat) leave a boot, in milliseconds. */
const UNIT_MS = 900_000;

interface Scenario {
  readonly kind: "app" | "local" | "router";
  readonly within?: string;
  /** What was there before, or becomes of it. */
  readonly prepare?: (world: Simulated) => Promise<void>;
}

const IMAGES = "/var/lib/greenleaf/images.json";

/** Between them they make every call a boot can make. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "a first boot": { kind: "app" },
  "a boot after a change": {
    kind: "app",
    prepare: async (machine) => {
      await run(machine);
      machine.parameters.set("/greenleaf/test/shop/title", "another");
      // Somebody's `docker update`, and the images of a release that is kept no more.
      machine.engine.edited = { memory: 0, swap: 0, nanoCpus: 0, pids: 0, restart: "always" };
      const record = JSON.parse(machine.files.get(IMAGES) ?? "") as { releases: object };
      machine.files.set(IMAGES, JSON.stringify({ ...record, releases: { zero: ["web@old"], ...record.releases } }));
    },
  },
  "a boot whose service is not healthy": {
    kind: "app",
    within: "1",
    prepare: async ({ engine }) => void (engine.sick = "backend"),
  },
  "a local node": { kind: "local" },
  "a router": { kind: "router" },
};

interface Ended {
  readonly code: number;
  readonly said: string;
  readonly ms: number;
  readonly verdict: string | undefined;
}

const passing: Interceptor = (_call, answer) => answer();
const never = () => new Promise(() => undefined);

async function run(machine: Simulated, intercept = passing, within?: string): Promise<Ended> {
  const { clock, files } = machine;
  const world = intercepted(machine.world, intercept, ["clock"]);
  const said: string[] = [];
  const invocation: Invocation = {
    world,
    log: { emit: (event: LogEvent) => void said.push(JSON.stringify(event)) },
    print: () => undefined,
    colour: false,
    options: within === undefined ? {} : { within },
    positionals: [],
  };
  const start = clock.now();
  const code = await clock.run(
    runBoot(invocation).catch((error: unknown) => {
      said.push(describeError(error));
      return exitCodeOf(error);
    }),
  );
  const verdict = parseStatus(files.get(STATUS_PATH))?.verdict;
  return { code, said: said.join("\n"), ms: clock.now() - start, verdict };
}

async function runScenario({ kind, within, prepare }: Scenario, intercept = passing): Promise<Ended> {
  const machine = simulated(kind);
  await prepare?.(machine);
  return run(machine, intercept, within);
}

async function recorded(scenario: Scenario): Promise<{ calls: Call[]; ended: Ended }> {
  const calls: Call[] = [];
  const ended = await runScenario(scenario, (call, answer) => {
    calls.push(call);
    return answer();
  });
  return { calls, ended };
}

beforeAll(async () => {
  // What is loaded on first use takes real time, which the simulated one would not wait for.
  await Promise.all([
    import("../../node-agent/src/phases/index.ts"),
    import("../../node-agent/src/core/stack/compose/check/check-source.ts"),
    import("../../node-agent/src/core/stack/compose/yaml-source.ts"),
  ]);
});

/** A container that is looked at for the tenth time is no new place to stall at. */
function notRepeated(): (call: Call) => boolean {
  const counts = new Map<string, number>();
  return ({ name }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count <= REPEATS;
  };
}
const REPEATS = 8;
const TEST_MS = 180_000;

/** A stall passes, so the code says "try again", or what the boot itself found. */
const CODES: readonly number[] = [EXIT.ready, EXIT.degraded, EXIT.unhealthy, EXIT.temporary];

function expectEnded(ended: Ended, what: string): void {
  expect.soft(ended.ms, `${what}: ${ended.said}`).toBeLessThan(UNIT_MS);
  expect.soft(CODES, `${what}: ${ended.said}`).toContain(ended.code);
}

describe.each(Object.entries(SCENARIOS))("%s", { timeout: TEST_MS }, (_name, scenario) => {
  test("ends with a verdict inside the limits of its unit, whichever call never answers", async () => {
    const { calls } = await recorded(scenario);
    expect(calls.length).toBeGreaterThan(40);
    for (const { name, index } of calls.filter(notRepeated())) {
      const what = `call ${index}, ${name}`;
      const ended = await runScenario(scenario, (call, answer) => (call.index === index ? never() : answer()));
      expectEnded(ended, what);
      // Without its lock or its status file a boot can only say it.
      const isTold = ended.verdict !== undefined && ended.verdict !== "booting";
      if (name !== "lock" && !(name === "files.write" || name === "files.read")) expect.soft(isTold, what).toBe(true);
    }
  });

  test("ends inside the limits of its unit, from wherever on nothing answers any more", async () => {
    const { calls } = await recorded(scenario);
    for (const { index } of calls.filter(notRepeated())) {
      const ended = await runScenario(scenario, (call, answer) => (call.index >= index ? never() : answer()));
      expectEnded(ended, `from call ${index}`);
    }
  });

  test("ends inside the limits of its unit, whichever function never answers", async () => {
    const { calls } = await recorded(scenario);
    for (const name of new Set(calls.map((call) => call.name))) {
      const ended = await runScenario(scenario, (call, answer) => (call.name === name ? never() : answer()));
      expectEnded(ended, name);
    }
  });
});

/** What of the outside a boot never asks, by who does. */
const OTHERS: Readonly<Record<string, RegExp>> = {
  "answers at once":
    /^(files|machine)\.path$|^(random|digest|newKey|isSignedBy|sysctl\.(memory|available)Bytes|daemons\.end)$/,
  "greenleaf-agent install": /^(exec|unitFiles|machine\..*|daemons\..*|agentFolders\..*)$/,
  "greenleaf-agent status and doctor": /^(request|askSocket)$/,
  "greenleaf-agent nat remove": /^(iptables\.deleteTable|barriers\.remove|lateFlows\.remove)$/,
  "a boot of a stack whose limits were edited by hand": /^engine\.update$/,
  "the daemon":
    /^(notifySystemd|engineSocket\..*|leases\..*|conntrack\..*|lateFlows\.(put|tell)|links\.(statistics|outline)|barriers\.outline|iptables\.(counters|writers)|ec2\..*)$/,
};

test("no call of the outside is left out: whoever adds one adds a boot that makes it", async () => {
  const place = { region: "eu-west-3" };
  const opened = {
    imds: ["http://127.0.0.1:1"],
    autoScaling: [place],
    aws: [place],
    ec2: [place],
    leases: [place, "dynamodb:t"],
  };
  const { clock: _clock, ...world } = realWorld({ root: "/nonexistent" });
  const made = await Promise.all(Object.values(SCENARIOS).map(recorded));
  const asked = new Set(made.flatMap(({ calls }) => calls.map(({ name }) => name)));
  const left = callsOf(world, opened).filter(
    (name) => !asked.has(name) && !Object.values(OTHERS).some((pattern) => pattern.test(name)),
  );
  expect(left).toEqual([]);
  expect(made.map(({ ended }) => [ended.code, ended.verdict])).toEqual([
    [EXIT.ready, "ready"],
    [EXIT.ready, "ready"],
    [EXIT.unhealthy, "failed"],
    [EXIT.ready, "ready"],
    [EXIT.ready, "ready"],
  ]);
});
