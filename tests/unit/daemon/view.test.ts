import { expect, test } from "vitest";
import type { EngineSocket } from "../../../node-agent/src/adapters/docker/engine-socket.ts";
import { TemporaryError } from "../../../node-agent/src/base/errors.ts";
import type { Files } from "../../../node-agent/src/base/files.ts";
import type { ListedContainer } from "../../../node-agent/src/core/stack/containers.ts";
import { View } from "../../../node-agent/src/daemon/app/view.ts";
import { ANSWERS, SOCKET_ANSWERS } from "../../../node-agent/src/daemon/http/answers.ts";

const listed = (service: string, words = "Up 1 minute (healthy)"): ListedContainer => ({
  Id: `${service}-0123456789abcdef`,
  Names: [`/greenleaf-${service}-1`],
  Image: "image",
  State: words.startsWith("Up") ? "running" : "exited",
  Status: words,
  Labels: { "com.docker.compose.service": service, "com.docker.compose.oneoff": "False" },
});
const statusText = (over: object = {}) =>
  JSON.stringify({
    version: 1,
    verdict: "ready",
    agent: "0.1.0",
    services: ["backend", "caddy"],
    phases: [],
    started: "2026-05-01T00:00:00.000Z",
    updated: "2026-05-01T00:00:00.000Z",
    ...over,
  });

function seen(role: "app" | "router" = "app", stalled: () => readonly string[] = () => []) {
  const now = { ms: 0 };
  const told: string[] = [];
  const world = {
    containers: [listed("backend"), listed("caddy")] as readonly ListedContainer[] | Error,
    status: statusText() as string | undefined | Error,
  };
  const give = <T>(value: T | Error): Promise<T> =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  const asked: string[] = [];
  const clock = {
    now: () => now.ms,
    date: () => new Date(now.ms),
    sleep: async () => undefined,
    alarm: () => () => undefined,
  };
  const view = new View(clock, { role, stalled, tell: (text) => void told.push(text) });
  const engine = {
    containers: (project: string) => {
      asked.push(project);
      return give(world.containers);
    },
  } as unknown as EngineSocket;
  const files = { read: () => give(world.status) } as unknown as Files;
  const refresh = () => view.refresh({ files, engine, project: "greenleaf" });
  const notes = () => view.events.map(({ text }) => text).toReversed();
  return { view, world, now, told, asked, refresh, notes };
}

const away = new TemporaryError("the engine is away", { code: "engine.away", why: "no socket", fix: "start it" });

test("a node is healthy while every service of its release is, and says what changed", async () => {
  const { view, world, refresh, notes, asked } = seen();
  expect(view.health()).toEqual({ status: "unhealthy", reason: "the engine has not answered yet" });
  await refresh();
  expect([view.health(), asked]).toEqual([{ status: "ok" }, ["greenleaf"]]);
  world.containers = [listed("backend", "Exited (1)"), listed("caddy")];
  await refresh();
  expect(view.health()).toEqual({ status: "unhealthy", reason: "backend is stopped" });
  world.containers = [listed("caddy")];
  await refresh();
  await refresh();
  expect(notes()).toEqual([
    "boot: ready",
    "greenleaf-backend-1: new, now healthy",
    "greenleaf-caddy-1: new, now healthy",
    "healthy",
    "greenleaf-backend-1: healthy, now stopped",
    "unhealthy: backend is stopped",
    "greenleaf-backend-1: gone",
    "unhealthy: backend is missing",
  ]);
});

test("an engine that is away for a moment changes nothing, for longer the node is unhealthy and says why", async () => {
  const { view, world, now, refresh } = seen();
  await refresh();
  world.containers = away;
  now.ms = 5_000;
  await refresh();
  expect(view.health()).toEqual({ status: "ok" });
  now.ms = 5_001;
  await refresh();
  expect(view.health()).toEqual({ status: "unhealthy", reason: "the engine has not answered for 5 s: no socket" });
  world.containers = [listed("backend"), listed("caddy")];
  await refresh();
  expect(view.observation().engineError).toBeUndefined();
  world.containers = new Error("a bug");
  await expect(refresh()).rejects.toThrow("a bug");
});

test("a stack that somebody else started is held to every service that was ever seen of it", async () => {
  const { view, world, refresh } = seen();
  world.status = statusText({ services: [] });
  await refresh();
  world.containers = [listed("caddy")];
  await refresh();
  expect(view.expected()).toEqual(["backend", "caddy"]);
  expect(view.health()).toEqual({ status: "unhealthy", reason: "backend is missing" });
});

test("a status that cannot be read, or is none, changes nothing and is told once", async () => {
  const { view, world, refresh, told, notes } = seen();
  await refresh();
  world.status = "no JSON";
  await refresh();
  await refresh();
  expect([view.status?.verdict, told]).toEqual([
    "ready",
    ["/var/lib/greenleaf/status.json is no status document of this version and counts for nothing"],
  ]);
  expect(notes().filter((text) => text.includes("counts for nothing"))).toHaveLength(1);
  world.status = away;
  await refresh();
  expect([view.status?.verdict, told.length]).toEqual(["ready", 1]);
  world.status = undefined;
  await refresh();
  expect(view.status).toBeUndefined();
  world.status = new Error("a bug");
  await expect(refresh()).rejects.toThrow("a bug");
});

test("a router asks no engine, and is as well as its boot found it", async () => {
  const { view, world, refresh, asked } = seen("router");
  world.status = statusText({ services: [] });
  await refresh();
  expect([view.health(), asked]).toEqual([{ status: "ok" }, []]);
  world.status = statusText({ verdict: "failed" });
  await refresh();
  expect(view.health()).toEqual({ status: "unhealthy", reason: "the last boot says failed" });
});

test("a loop that hangs is part of the health", async () => {
  const { view, refresh } = seen("app", () => ["the look at the engine hangs"]);
  await refresh();
  expect(view.health()).toEqual({ status: "unhealthy", reason: "the look at the engine hangs" });
});

test("the first reason to drain stays, and fifty events are kept, the youngest first", () => {
  const { view } = seen();
  view.drain("one");
  view.drain("two");
  expect([view.draining, view.events.length]).toEqual(["one", 1]);
  for (let index = 0; index < 60; index += 1) view.note(`event ${index}`);
  expect([view.events.length, view.events[0]?.text, view.events.at(-1)?.text]).toEqual([50, "event 59", "event 10"]);
});

test("people are told the reason, the balancer the word", async () => {
  const { view, world, refresh } = seen();
  await refresh();
  const ask = (answers: typeof ANSWERS, path: string) => answers[path]?.(view) ?? { status: 0, type: "", body: "" };
  expect(ask(ANSWERS, "/healthz")).toEqual({ status: 200, type: "application/json", body: '{"status":"ok"}\n' });
  world.containers = [listed("caddy")];
  await refresh();
  expect(ask(ANSWERS, "/healthz")).toMatchObject({
    status: 503,
    body: '{"status":"unhealthy","reason":"backend is missing"}\n',
  });
  expect(ask(SOCKET_ANSWERS, "/healthz")).toEqual({
    status: 503,
    type: "application/json",
    body: '{"status":"unhealthy"}\n',
  });
  expect(ask(ANSWERS, "/livez")).toMatchObject({ status: 200, body: '{"status":"ok"}\n' });
  expect(Object.keys(SOCKET_ANSWERS)).toEqual(["/healthz"]);
});

test("the status is one document, with short ids and what is not known as null", async () => {
  const { view, refresh } = seen();
  await refresh();
  const { status, body } = ANSWERS["/status"]?.(view) ?? { status: 0, body: "{}" };
  const told = JSON.parse(body) as { containers: Array<{ id: string }>; draining: unknown; boot: { verdict: string } };
  expect([status, told.draining, told.boot.verdict]).toEqual([200, null, "ready"]);
  expect(told.containers.map(({ id }) => id)).toEqual(["backend-0123", "caddy-012345"]);
  expect(told).toMatchObject({ pid: process.pid, since: "1970-01-01T00:00:00.000Z", health: { status: "ok" } });
});

test("metrics say whether the node is healthy and drains, and end with a router's own", async () => {
  const { view, refresh } = seen();
  await refresh();
  view.routerMetrics = "greenleaf_router_serves 1\n";
  const { type, body } = ANSWERS["/metrics"]?.(view) ?? { type: "", body: "" };
  expect(type).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(body.endsWith("greenleaf_router_serves 1\n")).toBe(true);
  expect(body).toMatch(/^greenleaf_\w*health\w*(\{[^}]*\})? 1$/m);
  expect(ANSWERS["/"]?.(view).type).toBe("text/html; charset=utf-8");
});

test("what changed the node is on the page, the newest first, and read again only after something happened", async () => {
  const entry = (to: string) =>
    JSON.stringify({ at: "2026-05-02T00:00:00.000Z", what: "deploy", to, result: "ready", operations: 1 });
  const contents = new Map([["/var/lib/greenleaf/history.jsonl", `${entry("one")}\n${entry("two")}\n`]]);
  let reads = 0;
  const files = {
    read: async (path: string) => {
      if (path.endsWith("history.jsonl")) reads += 1;
      return contents.get(path);
    },
  } as Files;
  const engine = { containers: async () => [listed("backend")] } as unknown as EngineSocket;
  const clock = { now: () => 0, date: () => new Date(0) } as never;
  const view = new View(clock, { role: "app", stalled: () => [], tell: undefined });
  const refresh = () => view.refresh({ files, engine, project: "greenleaf" });
  await refresh();
  await refresh();
  expect([view.history.map(({ to }) => to), reads]).toEqual([["two", "one"], 1]);
  view.note("repaired: backend");
  await refresh();
  expect(reads).toBe(2);
});
