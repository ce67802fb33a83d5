import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sha256 } from "../../../node-agent/src/base/digest.ts";
import { ConfigurationError, UnhealthyError } from "../../../node-agent/src/base/errors.ts";
import { CONNECTIONS_END_MS } from "../../../node-agent/src/core/stack/plan/plan-front.ts";
import { applyStack } from "../../../node-agent/src/phases/stack/stack.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { type MemoryEngine, memoryEngine } from "../../support/memory-engine.ts";
import { type MemoryKernel, memoryKernel } from "../../support/memory-kernel.ts";
import { type Interceptor, intercepted } from "../../support/simulated/calls.ts";
import { SimulatedClock } from "../../support/simulated/clock.ts";
import { memoryFiles } from "../../support/simulated/files.ts";
import { killed } from "../../support/simulated/killed.ts";
import { stackFrom } from "../../support/stack-from.ts";

const IMAGE = "x";
const PORT = 8080;
const stackOf = (VERSION: string) =>
  stackFrom({
    services: {
      caddy: {
        image: IMAGE,
        restart: "always",
        environment: { VERSION },
        ports: [{ target: 8080, published: String(PORT), protocol: "tcp", host_ip: "0.0.0.0" }],
        healthcheck: { test: ["CMD", "check"] },
        deploy: { update_config: { order: "start-first", monitor: "2s" } },
      },
    },
  });

interface Machine {
  readonly clock: SimulatedClock;
  readonly engine: MemoryEngine;
  readonly kernel: MemoryKernel;
  readonly files: Map<string, string>;
  /** Whether iptables is there. */
  filter: "docker" | "missing";
  apply(version: string, intercept?: Interceptor, mode?: "apply" | "plan"): Promise<string[]>;
}

type Held = ReturnType<MemoryEngine["containers"]["get"]> & object;
const numberOf = (id: string): number => Number(id.replace("id-", ""));
const addressOf = (id: string): string => `172.18.0.${numberOf(id)}`;

/** The port of the machine that a container has: as it asks, or as the engine chooses. */
function hostPort({ id, body }: Held): number {
  const asked = body.HostConfig?.PortBindings?.["8080/tcp"]?.[0]?.HostPort;
  return asked === "" || asked === undefined ? 32_768 + numberOf(id) : Number(asked);
}

const running = ({ engine }: Pick<Machine, "engine">): Held[] =>
  [...engine.containers.values()].filter(({ state }) => state === "running");

/** An engine whose containers have addresses and ports, each port one holder. */
function networkedEngine(): MemoryEngine {
  const plain = memoryEngine({ [IMAGE]: "sha256:i" });
  return {
    ...plain,
    inspect: async (reference) => {
      const found = await plain.inspect(reference);
      const held = found && plain.containers.get(found.id);
      if (found === undefined || held?.state !== "running") return found;
      return { ...found, addresses: [addressOf(held.id)], hostPorts: new Map([[8080, hostPort(held)]]) };
    },
    start: async (reference) => {
      const wanted = [...plain.containers.values()].find(({ id, name }) => id === reference || name === reference);
      const port = wanted && hostPort(wanted);
      const holder = running({ engine: plain }).find((one) => one !== wanted && hostPort(one) === port);
      if (holder !== undefined) throw new Error(`port ${port} is held by ${holder.name}`);
      return plain.start(reference);
    },
  };
}

function machine(): Machine {
  const engine = networkedEngine();
  const kernel = memoryKernel();
  const files = new Map<string, string>();
  const clock = new SimulatedClock();
  const forwards = () =>
    running({ engine }).map(
      (one) => `! -i br-1 -p tcp -m tcp --dport ${hostPort(one)} -j DNAT --to-destination ${addressOf(one.id)}:8080`,
    );
  const node: Machine = {
    clock,
    engine,
    kernel,
    files,
    filter: "docker",
    apply: async (version, intercept = (_call, answer) => answer(), mode = "apply") => {
      const told: string[] = [];
      const world = {
        engine,
        files: memoryFiles(files),
        clock,
        digest: sha256,
        ports: { holderOf: async () => undefined },
        sysctl: { availableBytes: () => 512 * 1024 * 1024 },
        iptables: {
          save: async (family: "ipv4") => {
            if (node.filter === "missing")
              throw new ConfigurationError("iptables-save is not installed", {
                code: "nat.iptables-missing",
                why: "it is in none",
                fix: "",
              });
            nat(kernel).set("DOCKER", forwards());
            return kernel.iptables.save(family);
          },
          restore: async (family: "ipv4", text: string) => kernel.iptables.restore(family, text),
        },
      };
      const context = {
        world: intercepted(world, intercept, ["clock"]) as unknown as World,
        mode,
        redact: (text: string) => text,
        progress: () => undefined,
        healthyWithinMs: 5_000,
        tell: ({ name, why }: { name: string; why: string }) => void told.push(`${name} (${why})`),
      };
      const input = { file: "/f", project: "gl", variables: () => undefined, read: stackOf(version) };
      await clock.run(applyStack(context, input));
      return told;
    },
  };
  return node;
}

function nat({ rules }: MemoryKernel): Map<string, string[]> {
  const jump = "! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER";
  const found =
    rules.get("nat") ??
    new Map([
      ["PREROUTING", []],
      ["OUTPUT", [jump]],
    ]);
  rules.set("nat", found);
  return found;
}

const ours = ({ kernel }: Machine): string[] =>
  [...nat(kernel)].flatMap(([chain, rules]) =>
    chain === "DOCKER" ? [] : rules.filter((rule) => rule.includes("greenleaf:")),
  );
const versions = ({ engine }: Machine): string[] =>
  [...engine.containers.values()].map(({ name, state, body }) => `${name} ${state} ${body.Env?.[0]}`).sort();
const route = ({ files }: Machine): string => files.get("/run/greenleaf/agent/route-caddy") ?? "caddy";
const settled = (version: string) => [`gl-caddy-1 running VERSION=${version}`];
const CHANGES = /^engine\.(create|start|stop|remove|rename)$|^files\.write$|^iptables\.restore$/;

/** Who gets a new connection: of the machine itself, and from outside. */
function takers(node: Machine): Array<Held | undefined> {
  return ["OUTPUT", "PREROUTING"].map((chain) => {
    const to = nat(node.kernel)
      .get(chain)
      ?.find((rule) => rule.includes("greenleaf:"))
      ?.split("--to-destination ")[1];
    return running(node).find((one) =>
      to === undefined ? hostPort(one) === PORT : [`:${hostPort(one)}`, `${addressOf(one.id)}:8080`].includes(to),
    );
  });
}

function expectServed(node: Machine, what: string): void {
  const [inner, outer] = takers(node);
  expect(inner?.name, `${what}: somebody has the port`).toBeDefined();
  expect(outer, what).toBe(inner);
  expect(node.engine.containers.size, `${what}: two containers at most`).toBeLessThanOrEqual(2);
}

/** Applies a version in a process that is gone at its n-th change, before it or after; says which change it was. */
const killedAt = (
  node: Machine,
  version: string,
  edge: number,
  moment: "before" | "after",
): Promise<string | undefined> =>
  killed((intercept) => node.apply(version, intercept), { changes: CHANGES, edge, moment });

test("a container that publishes a port is replaced by way of a stand-in, and somebody has the port all the while", async () => {
  const node = machine();
  await node.apply("one");
  const told = await node.apply("two", (call, answer) => {
    if (CHANGES.test(call.name)) expectServed(node, call.name);
    return answer();
  });
  const standIn = "gl-caddy-1-stand-in";
  expect(told.map((line) => line.split(" (")[0])).toEqual([
    `create container ${standIn}`,
    `start container ${standIn}`,
    `route service caddy to ${standIn}`,
    `watch container ${standIn}`,
    "drain container gl-caddy-1",
    "stop container gl-caddy-1",
    "remove container gl-caddy-1",
    "create container gl-caddy-1",
    "start container gl-caddy-1",
    "route service caddy to gl-caddy-1",
    "watch container gl-caddy-1",
    `drain container ${standIn}`,
    `stop container ${standIn}`,
    `remove container ${standIn}`,
    "route service caddy by its name",
  ]);
  expect([versions(node), ours(node), route(node)]).toEqual([settled("two"), [], "caddy"]);
  expect(await node.apply("two")).toEqual([]);
});

test.each(["before", "after"] as const)(
  "an agent that is gone %s any step of it leaves the port to somebody, and the next one ends it, to any version",
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
        await node.apply(last, (call, answer) => {
          if (CHANGES.test(call.name)) expectServed(node, `${what}: ${call.name}`);
          return answer();
        });
        expect([versions(node), ours(node), route(node)], what).toEqual([settled(last), [], "caddy"]);
        expect(await node.apply(last), what).toEqual([]);
      }
      expect(edge).toBeGreaterThan(12);
    }
  },
);

test.each([
  ["never becomes healthy", { health: "starting" }],
  ["becomes unhealthy", { health: "unhealthy" }],
  ["ends", { state: "exited", exitCode: 3 }],
])("a version that %s is taken away again, and the old one has its port as before", async (_what, states) => {
  const node = machine();
  await node.apply("one");
  const failed = node.apply("two", async (call, answer) => {
    const found = (await answer()) as { id: string; state: string } | undefined;
    const isNew = call.name === "engine.inspect" && found?.state === "running" && found.id !== "id-1";
    return isNew ? { ...found, ...states } : found;
  });
  await expect(failed).rejects.toThrow(UnhealthyError);
  await expect(failed).rejects.toMatchObject({ why: expect.stringContaining("the old one goes on serving") });
  expect([versions(node), ours(node), route(node)]).toEqual([settled("one"), [], "caddy"]);
});

test("connections to the old one are waited for at its published port alone, until the front has closed what idles", async () => {
  const node = machine();
  await node.apply("one");
  const asked: unknown[] = [];
  node.engine.connectionsInto = async (_id, ports) => {
    asked.push(ports);
    return 1;
  };
  const before = node.clock.now();
  await node.apply("two");
  expect(new Set(asked.map(String))).toEqual(new Set(["8080"]));
  expect(node.clock.now() - before).toBeGreaterThanOrEqual(2 * CONNECTIONS_END_MS);
  const [, idle] = /^\s*idle (\d+)s$/m.exec(readFileSync("caddy/Caddyfile", "utf8")) ?? [];
  expect(CONNECTIONS_END_MS).toBeGreaterThan(Number(idle) * 1_000);
});

test("none goes before the engine itself says that the next one is healthy, for the daemon believes the engine", async () => {
  const node = machine();
  await node.apply("one");
  // Our own question finds each of them well at once; the engine's first one comes eight seconds later.
  node.engine.exec = async () => 0;
  const since = new Map<string, number>();
  const isSaid = (id: string) => node.clock.now() - (since.get(id) ?? node.clock.now()) > 8_000;
  const saidAtStop: string[] = [];
  await node.apply("two", async (call, answer) => {
    if (call.name === "engine.stop") {
      const said = running(node).filter(({ id }) => isSaid(id));
      saidAtStop.push(said.map(({ id }) => id).join(" "));
    }
    const found = (await answer()) as { id: string; state: string } | undefined;
    if (call.name !== "engine.inspect" || found?.state !== "running" || found.id === "id-1") return found;
    since.set(found.id, since.get(found.id) ?? node.clock.now());
    return isSaid(found.id) ? found : { ...found, health: "starting" };
  });
  expect(saidAtStop).toEqual(["id-2", "id-2 id-3"]);
  expect(versions(node)).toEqual(settled("two"));
});

test("where requests cannot be moved it is replaced with a gap, and the plan says why", async () => {
  const node = machine();
  await node.apply("one");
  node.filter = "missing";
  const first = (await node.apply("two", undefined, "plan")).find((line) => line.startsWith("stop"));
  expect(first).toBe(
    "stop container gl-caddy-1 (its definition changed; with a gap, for iptables-save is not installed (it is in none))",
  );
  await node.apply("two");
  expect(versions(node)).toEqual(settled("two"));
});

test("a machine that was started anew in the middle of it has lost the rules: the stand-in is taken up again or goes", async () => {
  for (const edge of [4, 7, 9]) {
    const node = machine();
    await node.apply("one");
    await killedAt(node, "two", edge, "after");
    node.kernel.rules.clear();
    await node.apply("two");
    expect([versions(node), ours(node), route(node)], String(edge)).toEqual([settled("two"), [], "caddy"]);
  }
});
