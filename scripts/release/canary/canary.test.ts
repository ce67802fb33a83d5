import { expect, test } from "vitest";
import { canaryFleet, type Run } from "../../../tests/support/canary-fleet.ts";
import { documentWith, memoryPublisher } from "../../../tests/support/release-aws.ts";
import { changesText, inOrder } from "../../history.ts";
import { type Canary, tryCanary } from "./canary.ts";
import type { NodeTraffic } from "./decision.ts";
import { canaryHistory } from "./record.ts";

const PARAMETER = "/greenleaf/prod/canary";
const RELEASE = "/greenleaf/prod/release";
const [OLD, NEW] = [documentWith("old"), documentWith("new")];
const IDS = ["i-1", "i-2", "i-3"];

interface Scene {
  readonly ids?: readonly string[];
  /** What the node with the new release says of itself. */
  readonly traffic?: Partial<NodeTraffic>;
  /** How a boot ends, by the release it takes. */
  readonly boots?: Readonly<Record<string, Run>>;
  readonly onTraffic?: (fleet: { stop: AbortController; targets: Map<string, string> }) => void;
}

const ready = (release: string): Run => ({ code: 0, stdout: JSON.stringify({ boot: { verdict: "ready", release } }) });
const failed: Run = {
  code: 69,
  stdout: JSON.stringify({ boot: { verdict: "failed", release: "new", reason: { what: "stack", why: "no" } } }),
};

async function tried({ ids = IDS, traffic = {}, boots = {}, onTraffic }: Scene) {
  const stop = new AbortController();
  const running = new Map(ids.map((id) => [id, "old"]));
  const boot = (id: string, release: string): Run => {
    running.set(id, release);
    return boots[release] ?? ready(release);
  };
  const fleet = await canaryFleet(ids, (id, line) => {
    if (!line.includes(" traffic")) return boot(id, line.includes(PARAMETER) ? "new" : "old");
    onTraffic?.({ stop, targets: fleet.targets });
    const release = running.get(id) ?? "old";
    const own = {
      verdict: "ready",
      release,
      requests: 500,
      errors: 0,
      p99Ms: 40,
      ...(release === "new" ? traffic : {}),
    };
    return { code: 0, stdout: JSON.stringify(own) };
  });
  const publisher = memoryPublisher(fleet.account, { [RELEASE]: OLD });
  const log: string[] = [];
  const canary: Canary = {
    environment: "prod",
    before: { current: OLD, previous: undefined },
    wanted: { current: NEW, previous: OLD },
    forMs: 60_000,
    requests: 500,
    everyMs: 5,
    withinMs: 5_000,
    stop: stop.signal,
    log: (text) => void log.push(text),
  };
  const error: unknown = await tryCanary(publisher, canary).catch((thrown: unknown) => thrown);
  const history = await canaryHistory(publisher, "prod");
  return { error, fleet, publisher, log, history, running };
}

const BACK = ["i-1 boot ssm:/greenleaf/prod/canary", "i-1 boot"];

test("one node gets the release from a parameter of its own, and a good one may go on", async () => {
  const { error, fleet, publisher, history, log } = await tried({});
  expect(error).toBeUndefined();
  expect(fleet.told).toEqual(["i-1 boot ssm:/greenleaf/prod/canary"]);
  // The environment's own release is written by the move that follows.
  expect(publisher.done).toEqual([`set ${PARAMETER}`, "set /greenleaf-account/canaries/prod", `remove ${PARAMETER}`]);
  expect(history).toMatchObject([{ node: "i-1", from: "old", to: "new", result: "on" }]);
  expect(log[0]).toBe("i-1 in z, beside i-2, i-3");
});

test("a release that fails 5 % is put back, with its reason, and no second node ever ran it", async () => {
  const { error, fleet, publisher, history, running } = await tried({ traffic: { requests: 100, errors: 5 } });
  expect(error).toMatchObject({
    code: "deploy.canary-back",
    exitCode: 69,
    why: "5.0 % of its 100 requests failed, 0.0 % of the others' 1000",
  });
  expect(fleet.told).toEqual(BACK);
  expect([...running.values()]).toEqual(["old", "old", "old"]);
  expect([publisher.parameters.get(RELEASE), publisher.parameters.has(PARAMETER)]).toEqual([OLD, false]);
  expect(changesText(inOrder([], history))).toBe(
    "2026-11-01 00:01:00  old -> new  arn:aws:iam::123456789012:user/ada  canary i-1: back, 5.0 % of its 100 requests failed, 0.0 % of the others' 1000",
  );
});

test("a boot that fails on the canary is put back as well, and says why", async () => {
  const { error, fleet, history } = await tried({ boots: { new: failed } });
  expect(error).toMatchObject({ code: "deploy.canary-back", why: expect.stringContaining("stack: no") });
  expect(fleet.told).toEqual(BACK);
  expect(history).toMatchObject([{ result: "back" }]);
});

test("Ctrl-C in the middle of the watch puts it back", async () => {
  const { error, fleet, history } = await tried({ traffic: { requests: 1 }, onTraffic: ({ stop }) => stop.abort() });
  expect(error).toMatchObject({ code: "deploy.canary-stopped", exitCode: 75, why: "the operator ended it" });
  expect(fleet.told).toEqual(BACK);
  expect(history).toMatchObject([{ result: "back", why: "the operator ended it" }]);
});

test("a node that dies under watch needs no way back: its successor runs the environment's release", async () => {
  const { error, fleet, log } = await tried({ onTraffic: ({ targets }) => targets.set("i-1", "gone") });
  expect(error).toMatchObject({ code: "deploy.canary-back", why: "the node is gone" });
  expect(fleet.told).toEqual(BACK.slice(0, 1));
  expect(log.at(-1)).toBe("i-1 is gone: its successor boots old");
});

test("a canary that cannot be put back is told with both reasons", async () => {
  const { error, publisher, history } = await tried({ traffic: { errors: 500 }, boots: { old: failed } });
  expect(error).toMatchObject({
    code: "deploy.canary-stays",
    why: expect.stringMatching(/100.0 % of its 500 .*; then: .*stack: no/),
  });
  expect(history).toMatchObject([{ result: "stays" }]);
  expect(publisher.parameters.has(PARAMETER)).toBe(false);
});

test("one node has nobody to be compared with: nothing is done", async () => {
  const { error, fleet, publisher } = await tried({ ids: ["i-1"] });
  expect(error).toMatchObject({ code: "deploy.canary-nodes", exitCode: 78 });
  expect([fleet.told, publisher.done]).toEqual([[], []]);
});
