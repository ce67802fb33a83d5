import { describeError, EXIT, exitCodeOf } from "../../node-agent/src/base/errors.ts";
import type { LogEvent } from "../../node-agent/src/base/log.ts";
import { STATUS_PATH } from "../../node-agent/src/base/paths.ts";
import type { Invocation } from "../../node-agent/src/cli/command.ts";
import { runBoot } from "../../node-agent/src/cli/run-boot.ts";
import { parseStatus } from "../../node-agent/src/core/node/status/status.ts";
import { type Call, type Interceptor, intercepted } from "../support/simulated/calls.ts";
import { type Simulated, simulated } from "../support/simulated/world.ts";

/** What systemd (TimeoutStartSec) and the launch hook (its heartbeat) leave a boot, in milliseconds. */
const UNIT_MS = 900_000;

export interface Scenario {
  readonly kind: "app" | "local" | "router";
  readonly within?: string;
  /** What was there before, or becomes of it. */
  readonly prepare?: (world: Simulated) => Promise<void>;
}

const IMAGES = "/var/lib/greenleaf/images.json";

/** Between them they make every call a boot can make. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
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

export interface Ended {
  readonly code: number;
  readonly said: string;
  readonly ms: number;
  readonly verdict: string | undefined;
}

const passing: Interceptor = (_call, answer) => answer();

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

export async function runScenario({ kind, within, prepare }: Scenario, intercept = passing): Promise<Ended> {
  const machine = simulated(kind);
  await prepare?.(machine);
  return run(machine, intercept, within);
}

export async function recorded(scenario: Scenario): Promise<{ calls: Call[]; ended: Ended }> {
  const calls: Call[] = [];
  const ended = await runScenario(scenario, (call, answer) => {
    calls.push(call);
    return answer();
  });
  return { calls, ended };
}

/** What is loaded on first use takes real time, which the simulated one would not wait for. */
export async function loadAll(): Promise<void> {
  await Promise.all([
    import("../../node-agent/src/phases/index.ts"),
    import("../../node-agent/src/core/stack/compose/check/check-source.ts"),
    import("../../node-agent/src/core/stack/compose/yaml-source.ts"),
  ]);
}

/** What never answers in one boot. */
export interface Stall {
  /** As in `call 12, engine.start`. */
  readonly what: string;
  readonly hangs: (call: Call) => boolean;
}

/** All stalls of a boot that makes these calls: at one of them, from one on, of each function; each name `repeats` times. */
export function stallsOf(calls: readonly Call[], repeats = Number.POSITIVE_INFINITY): Stall[] {
  const places = calls.filter(notRepeated(repeats));
  const one = places.map(({ name, index }) => ({ what: `call ${index}, ${name}`, hangs: isCall(index) }));
  const rest = places.map(({ index }) => ({ what: `from call ${index}`, hangs: isFrom(index) }));
  const functions = [...new Set(calls.map(({ name }) => name))];
  return [...one, ...rest, ...functions.map((name) => ({ what: `all of ${name}`, hangs: isNamed(name) }))];
}

const isCall = (index: number) => (call: Call) => call.index === index;
const isFrom = (index: number) => (call: Call) => call.index >= index;
const isNamed = (name: string) => (call: Call) => call.name === name;

/** A container that is looked at for the tenth time is no new place to stall at. */
function notRepeated(repeats: number): (call: Call) => boolean {
  const counts = new Map<string, number>();
  return ({ name }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count <= repeats;
  };
}

const never = () => new Promise(() => undefined);

/** A stall passes, so the code says "try again", or what the boot itself found. */
const CODES = new Set<number>([EXIT.ready, EXIT.degraded, EXIT.unhealthy, EXIT.temporary]);
/** Without its lock or its status file a boot can only say it. */
const MUTE = /(^from |, (lock|files\.(write|read))$|^all of (lock|files\.(write|read))$)/;

/** Boots with this stall; what is wrong with its end, in words, and undefined for one inside its unit's limits and with a verdict. */
export async function faultOf(scenario: Scenario, { what, hangs }: Stall): Promise<string | undefined> {
  const ended = await runScenario(scenario, (call, answer) => (hangs(call) ? never() : answer()));
  const { code, said, ms, verdict } = ended;
  if (ms >= UNIT_MS) return `${what}: it took ${ms} ms: ${said}`;
  if (!CODES.has(code)) return `${what}: exit code ${code}: ${said}`;
  const isTold = verdict !== undefined && verdict !== "booting";
  return isTold || MUTE.test(what) ? undefined : `${what}: no verdict, but ${verdict ?? "no status"}`;
}
