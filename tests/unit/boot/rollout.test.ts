import { expect, test } from "vitest";
import { sha256 } from "../../../node-agent/src/base/digest.ts";
import { ConfigurationError, UnhealthyError } from "../../../node-agent/src/base/errors.ts";
import { applyStack } from "../../../node-agent/src/phases/stack/stack.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { type MemoryEngine, memoryEngine } from "../../support/memory-engine.ts";
import { type Interceptor, intercepted } from "../../support/simulated/calls.ts";
import { SimulatedClock } from "../../support/simulated/clock.ts";
import { memoryFiles } from "../../support/simulated/files.ts";
import { killed } from "../../support/simulated/killed.ts";
import { stackFrom } from "../../support/stack-from.ts";

const IMAGE = "x";
const rolled = (VERSION: string, more: object = {}) => ({
  image: IMAGE,
  restart: "always",
  environment: { VERSION },
  healthcheck: { test: ["CMD", "check"] },
  deploy: { update_config: { order: "start-first", monitor: "2s" } },
  ...more,
});
const AVAILABLE_BYTES = 512 * 1024 * 1024;
const after = (name: string) => ({ [name]: { condition: "service_started", required: true } });
const stackOf = (version: string) =>
  stackFrom({
    services: {
      backend: rolled(version, version === "large" ? { mem_limit: String(2 * AVAILABLE_BYTES) } : {}),
      storefront: rolled(version, { depends_on: after("backend") }),
      caddy: { image: IMAGE, restart: "always", depends_on: after("storefront") },
    },
  });

interface Machine {
  readonly clock: SimulatedClock;
  readonly engine: MemoryEngine;
  readonly files: Map<string, string>;
  apply(version: string, intercept?: Interceptor): Promise<string[]>;
}

function machine(): Machine {
  const engine = memoryEngine({ [IMAGE]: "sha256:i" });
  const files = new Map<string, string>();
  const clock = new SimulatedClock();
  const world = {
    engine,
    files: memoryFiles(files),
    clock,
    digest: sha256,
    ports: { holderOf: async () => undefined },
    sysctl: { availableBytes: () => AVAILABLE_BYTES },
  };
  return {
    clock,
    engine,
    files,
    apply: async (version, intercept = (_call, answer) => answer()) => {
      const told: string[] = [];
      const context = {
        world: intercepted(world, intercept, ["clock"]) as unknown as World,
        mode: "apply" as const,
        redact: (text: string) => text,
        progress: () => undefined,
        healthyWithinMs: 5_000,
        tell: ({ name }: { name: string }) => void told.push(name),
      };
      const input = { file: "/f", project: "gl", variables: () => undefined, read: stackOf(version) };
      await clock.run(applyStack(context, input));
      return told;
    },
  };
}

const SERVICES = ["backend", "storefront"];
const CHANGES = /^engine\.(create|start|stop|remove|rename)$|^files\.write$/;

interface Held {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly body: { readonly Env?: readonly string[]; readonly Labels?: Readonly<Record<string, string>> };
}
const all = ({ engine }: Machine): Held[] => [...engine.containers.values()];
const of = (node: Machine, service: string) =>
  all(node).filter(({ body }) => body.Labels?.["com.docker.compose.service"] === service);
const versions = (node: Machine) =>
  all(node)
    .map(({ name, state, body }) => `${name} ${state} ${body.Env?.[0] ?? ""}`.trim())
    .sort();
const routes = (node: Machine) =>
  SERVICES.map((service) => node.files.get(`/run/greenleaf/agent/route-${service}`) ?? service);
const settled = (version: string) => [
  `gl-backend-1 running VERSION=${version}`,
  "gl-caddy-1 running",
  `gl-storefront-1 running VERSION=${version}`,
];

/** Whoever is asked for a service runs, and nobody is asked who has only just been made. */
function expectServed(node: Machine, what: string): void {
  for (const [index, service] of SERVICES.entries()) {
    const host = routes(node)[index] ?? "";
    const running = of(node, service).filter(({ state }) => state === "running");
    if (host === service) expect(running.length, what).toBe(1);
    else
      expect(
        running.map(({ id }) => id.slice(0, 12)),
        what,
      ).toContain(host);
  }
  expect(all(node).length, `${what}: one container more than services at most`).toBeLessThanOrEqual(4);
}

/** Applies a version in a process that is gone at its n-th change, before it or after; says which change it was. */
const killedAt = (
  node: Machine,
  version: string,
  edge: number,
  moment: "before" | "after",
): Promise<string | undefined> =>
  killed((intercept) => node.apply(version, intercept), { changes: CHANGES, edge, moment });

test.each(["before", "after"] as const)(
  "an agent that is gone %s any step of a rollout leaves what serves, and the next one ends it, to either version",
  async (moment) => {
    for (const last of ["two", "one", "three"]) {
      let edge = 0;
      for (; ; edge += 1) {
        const node = machine();
        await node.apply("one");
        const step = await killedAt(node, "two", edge, moment);
        if (step === undefined) break;
        const what = `${moment} change ${edge}, ${step}, then ${last}`;
        expectServed(node, what);
        await node.apply(last);
        expect(versions(node), what).toEqual(settled(last));
        expect(routes(node), what).toEqual(SERVICES);
        expect(await node.apply(last), what).toEqual([]);
      }
      expect(edge).toBeGreaterThan(15);
    }
  },
);

test("at every change of a rollout the service is served, and there is one container more at most", async () => {
  const node = machine();
  await node.apply("one");
  await node.apply("two", (call, answer) => {
    if (CHANGES.test(call.name)) expectServed(node, call.name);
    return answer();
  });
  expect(versions(node)).toEqual(settled("two"));
});

/** What becomes of the new container of a service: the one that has another name than it ends with. */
function failing(
  node: Machine,
  service: string,
  states: Partial<Awaited<ReturnType<MemoryEngine["inspect"]>>>,
): Interceptor {
  return async (call, answer) => {
    const found = (await answer()) as { id: string } | undefined;
    if (call.name !== "engine.inspect" || found === undefined) return found;
    const { name = "", state } = all(node).find(({ id }) => id === found.id) ?? {};
    return name.endsWith(`_gl-${service}-1`) && state === "running" ? { ...found, ...states } : found;
  };
}

test.each([
  ["never becomes healthy", { health: "starting" }],
  ["becomes unhealthy", { health: "unhealthy" }],
  ["ends", { state: "exited", exitCode: 3 }],
])("a version that %s is taken away again, and the old one is asked as before", async (_what, states) => {
  const node = machine();
  await node.apply("one");
  const before = versions(node);
  const failed = node.apply("two", failing(node, "backend", states));
  await expect(failed).rejects.toThrow(UnhealthyError);
  await expect(failed).rejects.toMatchObject({ why: expect.stringContaining("the old one goes on serving") });
  expect([versions(node), routes(node)]).toEqual([before, SERVICES]);
  await node.apply("two");
  expect(versions(node)).toEqual(settled("two"));
});

test("a version that is well until requests come is taken away again", async () => {
  const node = machine();
  await node.apply("one");
  const before = versions(node);
  const sick = failing(node, "storefront", { health: "unhealthy", lastCheck: "503" });
  const failed = node.apply("two", (call, answer) => {
    const isRouted =
      routes(node)[1] ===
      of(node, "storefront")
        .find(({ name }) => name.includes("_"))
        ?.id.slice(0, 12);
    return isRouted ? sick(call, answer) : answer();
  });
  await expect(failed).rejects.toMatchObject({
    problems: expect.arrayContaining([expect.stringMatching(/unhealthy under traffic: 503/)]),
  });
  // The backend had been rolled out before it.
  expect(versions(node)).toEqual(before.map((one) => one.replace(/^(gl-backend.*)one$/, "$1two")));
  expect(routes(node)).toEqual(SERVICES);
});

test("an engine that is slow to answer while the new one is watched costs nothing but time", async () => {
  const node = machine();
  await node.apply("one");
  await node.apply("two", async (call, answer) => {
    // The watch is two seconds long.
    const isWatched = call.name === "engine.inspect" && routes(node)[0] !== SERVICES[0];
    if (isWatched) await node.clock.sleep(4_500);
    return answer();
  });
  expect([versions(node), routes(node)]).toEqual([settled("two"), SERVICES]);
});

test("what the engine refuses is told as it was, and the old one is asked as before", async () => {
  for (const step of ["create", "start"]) {
    const node = machine();
    await node.apply("one");
    const [before, backend] = [versions(node), of(node, "backend")[0]?.id.slice(0, 12) ?? ""];
    node.engine.refuses.set(
      `${step} ${backend}_gl-backend-1`,
      new ConfigurationError("no", { code: "program.failed", why: "no", fix: "no" }),
    );
    await expect(node.apply("two")).rejects.toThrow(ConfigurationError);
    expect([versions(node), routes(node)]).toEqual([before, SERVICES]);
  }
});

test("a new version for which there is no memory beside the old one changes nothing, and says so", async () => {
  const node = machine();
  await node.apply("one");
  const before = versions(node);
  const problem = "service backend may take 1024 MiB beside its old container, and 512 MiB are left";
  await expect(node.apply("large")).rejects.toMatchObject({ code: "stack.memory", exitCode: 75, problems: [problem] });
  expect([versions(node), routes(node)]).toEqual([before, SERVICES]);
});

test("requests under way in the old container are waited for, and no longer than its grace period", async () => {
  const node = machine();
  await node.apply("one");
  let looks = 0;
  node.engine.connectionsInto = async () => ((looks += 1) < 5 ? 2 : 0);
  await node.apply("two");
  expect(looks).toBe(6);
  node.engine.connectionsInto = async () => 1;
  await node.apply("three");
  node.engine.connectionsInto = async () => undefined;
  await node.apply("four");
  expect(versions(node)).toEqual(settled("four"));
});
