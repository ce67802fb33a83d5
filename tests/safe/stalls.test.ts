import { beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../node-agent/src/base/errors.ts";
import { realWorld } from "../../node-agent/src/world.ts";
import { callsOf } from "../support/simulated/calls.ts";
import { faultOf, loadAll, recorded, SCENARIOS, type Stall, stallsOf } from "./boot-stalls.ts";

/** Of each function; `bench safe stalls` takes all. */
const REPEATS = 8;
const TEST_MS = 180_000;

beforeAll(loadAll);

describe.each(Object.entries(SCENARIOS))("%s", { timeout: TEST_MS }, (_name, scenario) => {
  const faults = async (chosen: (stall: Stall) => boolean) => {
    const { calls } = await recorded(scenario);
    expect(calls.length).toBeGreaterThan(40);
    const found: string[] = [];
    for (const stall of stallsOf(calls, REPEATS).filter(chosen)) found.push((await faultOf(scenario, stall)) ?? "");
    expect(found.length).toBeGreaterThan(10);
    return found.filter((fault) => fault !== "");
  };

  test("ends with a verdict inside the limits of its unit, whichever call never answers", async () => {
    expect(await faults(({ what }) => what.startsWith("call "))).toEqual([]);
  });

  test("ends inside the limits of its unit, from wherever on nothing answers any more", async () => {
    expect(await faults(({ what }) => what.startsWith("from "))).toEqual([]);
  });

  test("ends inside the limits of its unit, whichever function never answers", async () => {
    expect(await faults(({ what }) => what.startsWith("all of "))).toEqual([]);
  });
});

/** What of the outside a boot never asks, by who does. */
const OTHERS: Readonly<Record<string, RegExp>> = {
  "answers at once":
    /^(files|machine)\.path$|^(random|digest|aws\.versionOf|newKey|isSignedBy|sysctl\.(memory|available)Bytes|daemons\.end)$/,
  "greenleaf-agent install": /^(exec|unitFiles|machine\..*|daemons\..*|agentFolders\..*)$/,
  "greenleaf-agent status and doctor": /^(request|askSocket)$/,
  "greenleaf-agent nat remove": /^(iptables\.deleteTable|barriers\.remove|lateFlows\.remove)$/,
  "a boot of a stack whose limits were edited by hand": /^engine\.update$/,
  "the daemon":
    /^(notifySystemd|engineSocket\..*|leases\..*|versions\..*|conntrack\..*|lateFlows\.(put|tell)|networkEvents\..*|links\.(statistics|outline)|barriers\.outline|iptables\.(counters|isTold|writers)|ec2\..*)$/,
};

test("no call of the outside is left out: whoever adds one adds a boot that makes it", async () => {
  const place = { region: "eu-west-3" };
  const opened = {
    imds: ["http://127.0.0.1:1"],
    autoScaling: [place],
    aws: [place],
    ec2: [place],
    versions: [place],
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
