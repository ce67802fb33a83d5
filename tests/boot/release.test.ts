import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { query } from "../../scripts/fleet/aws.ts";
import { instancesMissing } from "./machine-images.ts";
import { bootWorld, ENVIRONMENT, expectDone, type World } from "./world.ts";

const missing = instancesMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`a release${why}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await bootWorld("release");
  });
  afterAll(() => world?.close());

  test("the same commit published twice is the same release, and the second time says so", async () => {
    const document = await world.parameter(`/greenleaf/${ENVIRONMENT}/release`);
    expect(Buffer.byteLength(document ?? "")).toBeLessThanOrEqual(4096);
    const again = await expectDone(world.greenleaf("release", "--env", ENVIRONMENT));
    expect(again.stdout.trim()).toBe(idIn(document));
    expect(again.stderr).toContain("nothing changed");
    expect(await world.parameter(`/greenleaf/${ENVIRONMENT}/release`)).toBe(document);
    expect(await world.parameter(`/greenleaf/${ENVIRONMENT}/previous`)).toBeUndefined();
  });

  describe("moving an environment's nodes", () => {
    const group = `greenleaf-${ENVIRONMENT}-app`;
    const asked: Array<{ id: string; commands: readonly string[] }> = [];
    let first: string;

    const releases = async () => ({
      current: (await world.release()).id,
      previous: idIn(await world.parameter(`/greenleaf/${ENVIRONMENT}/previous`)),
    });

    /** Every node ends its boot so; the status says which release it was told to run. */
    const nodesEnd = (end: { code: number; verdict: string }) => {
      world.standIn.fleet.runCommand = async (id, commands) => {
        asked.push({ id, commands });
        const reason = { what: "pull: there is no image", why: "manifest unknown" };
        const told = {
          verdict: end.verdict,
          release: (await world.release()).id,
          ...(end.code === 0 ? {} : { reason }),
        };
        return { code: end.code, stdout: JSON.stringify({ verdict: end.verdict, boot: told }), stderr: "" };
      };
    };

    beforeAll(async () => {
      first = (await world.release()).id;
      for (const id of ["i-0000000000000000a", "i-0000000000000000b"])
        world.standIn.fleet.instances.set(id, { group, state: "InService", role: "app", environment: ENVIRONMENT });
      for (const id of ["second", "third"]) await world.republish(id);
    });
    beforeEach(() => void asked.splice(0));

    test("in place: one node after the other, with the agent's own boot", async () => {
      nodesEnd({ code: 0, verdict: "ready" });
      await expectDone(world.greenleaf("deploy", ENVIRONMENT, "second", "--in-place"));
      expect(asked.map(({ id }) => id)).toEqual(["i-0000000000000000a", "i-0000000000000000b"]);
      expect(asked[0]?.commands.join("\n")).toContain("main.js boot");
      expect(await releases()).toEqual({ current: "second", previous: first });
    });

    test("in place: the first node that is not well ends it, and new nodes get what worked", async () => {
      nodesEnd({ code: 78, verdict: "failed" });
      const { code, stderr } = await world.greenleaf("deploy", ENVIRONMENT, "third", "--in-place");
      expect(code).toBe(69);
      expect(stderr).toMatch(/^error: deploy: i-0000000000000000a does not run the release \(code 78\)/m);
      expect(stderr).toMatch(/^why: {3}pull: there is no image: manifest unknown$/m);
      expect(asked).toHaveLength(1);
      expect(await releases()).toEqual({ current: "second", previous: first });
    });

    test("a node that keeps what it had counts as not moved", async () => {
      nodesEnd({ code: 2, verdict: "degraded" });
      expect((await world.greenleaf("deploy", ENVIRONMENT, "third", "--in-place")).code).toBe(69);
      expect((await releases()).current).toBe("second");
    });

    test("rollback goes back, and a second one forward again", async () => {
      nodesEnd({ code: 0, verdict: "ready" });
      await expectDone(world.greenleaf("rollback", ENVIRONMENT, "--in-place"));
      expect(await releases()).toEqual({ current: first, previous: "second" });
      await expectDone(world.greenleaf("rollback", ENVIRONMENT, "--in-place"));
      expect(await releases()).toEqual({ current: "second", previous: first });
    });

    test("an instance refresh turns the group over", async () => {
      const turned: string[] = [];
      world.standIn.fleet.refresh = async (name) => void turned.push(name);
      await expectDone(world.greenleaf("deploy", ENVIRONMENT, "third"));
      expect(turned).toEqual([group]);
      expect(await releases()).toEqual({ current: "third", previous: "second" });
    });

    test("a new node that gives up ends the refresh at once, and the release is put back", async () => {
      const { promise: never } = Promise.withResolvers<void>();
      world.standIn.fleet.refresh = async () => {
        await abandon(world.standIn.url, group);
        await never;
      };
      const { code, stderr } = await world.greenleaf("deploy", ENVIRONMENT, "second");
      expect(code).toBe(69);
      expect(stderr).toContain(`error: deploy: the nodes of ${group} could not be replaced`);
      expect(stderr).toContain("greenleaf-launch was abandoned");
      expect(world.standIn.seen.map(({ action }) => action)).toContain("CancelInstanceRefresh");
      expect(await releases()).toEqual({ current: "third", previous: "second" });
    });

    test("history names every move of the environment, the one that was put back included, and who made it", async () => {
      const { code, stdout } = await world.greenleaf("history", ENVIRONMENT, "--json");
      const moves = JSON.parse(stdout) as Array<{ at: string; by: string; from?: string; to: string }>;
      expect(code).toBe(0);
      expect(moves.slice(-3).map(({ from, to }) => [from, to])).toEqual([
        ["second", "third"],
        ["third", "second"],
        ["second", "third"],
      ]);
      expect(moves.filter(({ at }) => Number.isNaN(Date.parse(at)))).toEqual([]);
      // moto knows nobody; AWS gives the ARN of who wrote the parameter.
      expect(new Set(moves.map(({ by }) => by))).toEqual(new Set(["N/A"]));
      expect((await world.greenleaf("history", "prod")).stdout).toBe("no release was ever deployed here\n");
    });

    test.each([
      [["deploy", ENVIRONMENT, "nowhere"], 78, "there is no release nowhere"],
      [["deploy", "prod"], 78, "prod has no release"],
      [["rollback", "prod"], 78, "prod ran nothing before"],
      [["deploy", "staging", "x"], 64, '"staging x" is not ENV RELEASE'],
      [["release", "--env", "staging"], 64, "the command line is wrong"],
    ])("%j is refused in three lines", async (args, code, what) => {
      const ended = await world.greenleaf(...args);
      expect(ended.code).toBe(code);
      expect(ended.stderr).toContain(what);
      expect(ended.stderr.split("\n").filter((line) => /^(error|why|fix):/.test(line))).toHaveLength(3);
    });
  });
});

const idIn = (document: string | undefined): string | undefined =>
  document === undefined ? undefined : (JSON.parse(document) as { id: string }).id;

function abandon(endpoint: string, group: string): Promise<unknown> {
  const credentials = { accessKeyId: "node", secretAccessKey: "node" };
  return query({ region: "eu-west-3", endpoint, credentials }, AUTO_SCALING, "CompleteLifecycleAction", {
    AutoScalingGroupName: group,
    LifecycleHookName: "greenleaf-launch",
    InstanceId: "i-0000000000000000c",
    LifecycleActionResult: "ABANDON",
  });
}

const AUTO_SCALING = { service: "autoscaling", version: "2011-01-01" };
