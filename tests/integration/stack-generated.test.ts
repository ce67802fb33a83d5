import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { dockerEngine } from "../../node-agent/src/adapters/docker/docker.ts";
import { applyStack, type StackContext } from "../../node-agent/src/phases/stack/stack.ts";
import type { World } from "../../node-agent/src/world.ts";
import { world as machine } from "./agent-engine.ts";
import { type FakeEngine, startFakeEngine } from "./fake-engine.ts";
import { generatedStack } from "./generated-stack.ts";

const STACKS = 120;

let engine: FakeEngine;
afterEach(() => engine.close());

async function newEngine(): Promise<FakeEngine> {
  engine = await startFakeEngine();
  engine.images.set("local:1", "sha256:local");
  return engine;
}

/** Applies a Compose file and gives what was planned and what the engine was told to do. */
async function apply(
  compose: object,
  mode: StackContext["mode"] = "apply",
): Promise<{ planned: string[]; executed: string[] }> {
  const planned: string[] = [];
  const world: World = { ...machine, engine: dockerEngine(engine.socket) };
  const before = engine.calls.length;
  const context: StackContext = {
    world,
    mode,
    redact: (text) => text,
    progress: () => undefined,
    tell: ({ name }) => planned.push(name),
    healthyWithinMs: 5_000,
  };
  const text = stringify(compose, { aliasDuplicateObjects: false });
  await applyStack(context, { file: "/nowhere/docker-compose.yml", text, project: "gl", variables: () => undefined });
  return { planned, executed: withoutTrials(engine.calls.slice(before)) };
}

/** A trial is no operation: it takes nobody's place, runs nothing, and is gone before the operation begins. */
function withoutTrials(calls: readonly string[]): string[] {
  const trials = calls.filter((call) => call.endsWith("-trial"));
  const last = new Map(trials.map((call) => [call.split(" ").at(-1), call]));
  for (const call of last.values()) expect(call).toMatch(/^remove container /);
  return calls.filter((call) => !trials.includes(call));
}

const sorted = (list: readonly string[]): string[] => [...list].sort();

test(`${STACKS} generated stacks: what is planned is what is executed, and a second time nothing is`, async () => {
  await newEngine();
  let operations = 0;
  for (let seed = 1; seed <= STACKS; seed += 1) {
    // The next stack replaces the one before: creations, changes, removals and moves of ports all happen.
    const stack = generatedStack(seed);
    const forecast = await apply(stack, "plan");
    expect(forecast.executed).toEqual([]);
    const { planned, executed } = await apply(stack);
    expect(sorted(executed), `seed ${seed}`).toEqual(sorted(planned));
    expect(sorted(forecast.planned), `seed ${seed}`).toEqual(sorted(planned));
    expect(await apply(stack), `seed ${seed}`).toEqual({ planned: [], executed: [] });
    const names = [...engine.containers.values()].map(({ name }) => name);
    expect(sorted(names)).toEqual(sorted(Object.keys(stack.services).map((name) => `gl-${name}-1`)));
    operations += executed.length;
  }
  expect(operations).toBeGreaterThan(STACKS * 5);
});

/** From one stack to another, so that containers are replaced, renamed and removed too. */
const FROM = generatedStack(207, 5);
const TO = generatedStack(162, 7);

async function callsFromTo(): Promise<readonly string[]> {
  await newEngine();
  await apply(FROM);
  const { executed } = await apply(TO);
  expect(executed.length).toBeGreaterThan(15);
  return executed;
}

async function expectSettled(edge: string): Promise<void> {
  const names = [...engine.containers.values()].map(({ name }) => name);
  expect(sorted(names), edge).toEqual(sorted(Object.keys(TO.services).map((name) => `gl-${name}-1`)));
  expect((await apply(TO)).planned, edge).toEqual([]);
}

const MOMENTS = ["before", "after"] as const;

test("a daemon that dies in any call is waited for, and the same boot ends right", async () => {
  const all = await callsFromTo();
  for (const moment of MOMENTS) {
    for (const [edge, call] of all.entries()) {
      await engine.close();
      await newEngine();
      await apply(FROM);
      let calls = 0;
      engine.onCall = (_call, at) => {
        if (at === moment && calls++ === edge) throw new Error("the daemon dies");
      };
      await apply(TO);
      await expectSettled(`${moment} ${call}`);
    }
  }
});

test("an agent killed with -9 around any call leaves what the next boot makes right", async () => {
  const all = await callsFromTo();
  for (const [edge, call] of all.entries()) {
    const moment = edge % 2 === 0 ? "before" : "after";
    await engine.close();
    await newEngine();
    await apply(FROM);
    expect(await killedAt(edge, moment), call).toBe("SIGKILL");
    engine.onCall = () => undefined;
    await apply(TO);
    await expectSettled(`${moment} ${call}`);
  }
});

/** Runs the agent's stack side as a process of its own and kills it around its n-th changing call. */
async function killedAt(edge: number, moment: (typeof MOMENTS)[number]): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "apply-child.ts"), engine.socket], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  let calls = 0;
  engine.onCall = (_call, at) => {
    if (at !== moment || calls++ !== edge) return;
    child.kill("SIGKILL");
    throw new Error("nobody is there to be answered");
  };
  child.stdin.end(stringify(TO, { aliasDuplicateObjects: false }));
  const [, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal;
}

test("the network and the start of a service come after what they need", async () => {
  await newEngine();
  const { executed } = await apply({
    services: {
      db: { image: "local:1", healthcheck: { test: "true" } },
      web: { image: "local:1", depends_on: { db: { condition: "service_healthy" } } },
    },
  });
  const at = (call: string) => executed.indexOf(call);
  expect(at("create network gl_default")).toBe(0);
  expect(at("start container gl-web-1")).toBeGreaterThan(at("start container gl-db-1"));
});
