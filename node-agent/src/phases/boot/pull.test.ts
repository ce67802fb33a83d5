import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dockerEngine } from "../../adapters/docker/docker.ts";
import { ConfigurationError, PermissionError, TemporaryError } from "../../base/errors.ts";
import { done, pending } from "../../base/wait.ts";
import { realWorld } from "../../world.ts";
import type { Boot } from "../phase.ts";
import type { Identified, Released } from "../stages.ts";
import { pull } from "./pull.ts";

const ECR = "123456789012.dkr.ecr.eu-west-3.amazonaws.com";
const image = (name: string) => `${ECR}/greenleaf/${name}@sha256:${"a".repeat(64)}`;
const EXPIRED = "denied: Your authorization token has expired. Reauthenticate and try again.";

let folder: string;
let servers: Server[];
/** What the engine says of each pull to come, by name; nothing more to say means that the image came in. */
let answers: Map<string, string[]>;
let pulls: Array<{ readonly name: string; readonly password: string | undefined }>;
let present: Set<string>;
let tokens: number;
let atOnce: { now: number; most: number };
/** What the engine's disk has free, as df says it, and what registries say of every image. */
let free: string;
let manifest: string | undefined;

async function listening(server: Server, where: string | number): Promise<Server> {
  await new Promise<void>((resolve) => void server.listen(where, resolve));
  servers.push(server);
  return server;
}

const nameOf = (reference: string): string => /greenleaf\/(\w+)/.exec(reference)?.[1] ?? reference;

/** An engine on a socket that can look for images and pull them. */
const engine = createServerFor(async (method, url, headers) => {
  if (method === "GET")
    return present.has(nameOf(decodeURIComponent(url)))
      ? [200, { Id: "sha256:1" }]
      : [404, { message: "no such image" }];
  const name = nameOf(decodeURIComponent(url));
  const auth = typeof headers["x-registry-auth"] === "string" ? headers["x-registry-auth"] : undefined;
  const password = auth && (JSON.parse(Buffer.from(auth, "base64").toString()) as { password: string }).password;
  pulls.push({ name, password });
  atOnce.most = Math.max(atOnce.most, (atOnce.now += 1));
  await new Promise((resolve) => setTimeout(resolve, 20));
  atOnce.now -= 1;
  const failure = answers.get(name)?.shift();
  if (failure !== undefined) return [500, { message: failure }];
  present.add(name);
  return [200, { status: "Download complete" }];
});

function createServerFor(
  answer: (
    method: string,
    url: string,
    headers: Readonly<Record<string, unknown>>,
  ) => Promise<readonly [number, object]>,
): () => Server {
  return () =>
    createServer((request, response) => {
      request.resume();
      void answer(request.method ?? "", request.url ?? "", request.headers).then(([status, body]) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
    });
}

const aws = createServerFor(async () => {
  const authorizationToken = Buffer.from(`AWS:token-${(tokens += 1)}`).toString("base64");
  return [200, { authorizationData: [{ authorizationToken }] }];
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-pull-"));
  servers = [];
  answers = new Map();
  pulls = [];
  present = new Set();
  tokens = 0;
  atOnce = { now: 0, most: 0 };
  free = "Avail\n400\n";
  manifest = undefined;
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

async function run(images: Readonly<Record<string, string>>): Promise<Boot> {
  const socket = join(folder, "engine.sock");
  await listening(engine(), socket);
  const { port } = (await listening(aws(), 0)).address() as AddressInfo;
  let skippedMs = 0;
  const clock = {
    now: () => performance.now() + skippedMs,
    date: () => new Date(),
    sleep: async (ms: number) => void (skippedMs += ms),
    alarm: () => () => undefined,
  };
  const world = {
    ...realWorld({ root: folder }),
    clock,
    engine: dockerEngine(socket),
    exec: async () => ({ code: 0, stdout: free, stderr: "" }),
    manifests: { read: async () => (manifest === undefined ? pending("nothing") : done(manifest)) },
  };
  const endpoints = { aws: `http://127.0.0.1:${port}`, imds: "none" };
  const boot = {
    world,
    log: { emit: () => undefined },
    mode: "apply",
    operations: [],
    results: [],
    node: { region: "eu-west-3", document: { endpoints } },
    release: { id: "one", images },
  } as unknown as Boot & Identified & Released;
  await pull.run(boot);
  return boot;
}

const two = { backend: image("backend"), caddy: image("caddy") };

test("missing images come in at once, with one token for all of them", async () => {
  const { operations } = await run(two);
  expect(operations.map(({ name }) => name)).toEqual([`pull image ${two.backend}`, `pull image ${two.caddy}`]);
  expect(pulls.map(({ password }) => password)).toEqual(["token-1", "token-1"]);
  expect(atOnce.most).toBe(2);
});

test("images that are there, or named by id, are not asked for, and neither is a token", async () => {
  present.add("caddy");
  await run({ caddy: image("caddy"), backend: `sha256:${"b".repeat(64)}` });
  expect([pulls, tokens]).toEqual([[], 0]);
});

test("what does not fit is refused before the engine is asked for any image of it", async () => {
  manifest = JSON.stringify({ config: { digest: "c", size: 1 }, layers: [{ digest: "a", size: 100 }] });
  await run(two);
  expect(pulls).toHaveLength(2);
  servers.splice(0).forEach((server) => server.close());
  [present, pulls, free] = [new Set(), [], "Avail\n399\n"];
  await expect(run(two)).rejects.toMatchObject({ code: "pull.no-room", exitCode: 75 });
  expect(pulls).toEqual([]);
});

test("a busy, broken or cut-off registry is asked again", async () => {
  answers.set("backend", [
    "toomanyrequests: Rate exceeded",
    "received unexpected HTTP status: 500",
    "connection reset by peer",
  ]);
  await run(two);
  expect(pulls.filter(({ name }) => name === "backend")).toHaveLength(4);
});

test("a token that has ended is asked for anew", async () => {
  answers.set("backend", [EXPIRED]);
  await run({ backend: two.backend });
  expect(pulls.map(({ password }) => password)).toEqual(["token-1", "token-2"]);
});

test("a registry without Amazon's name is asked without a token", async () => {
  await run({ backend: `registry.example/greenleaf/backend@sha256:${"a".repeat(64)}` });
  expect(pulls).toEqual([{ name: "backend", password: undefined }]);
});

test.each([
  ["manifest unknown: Requested image not found", ConfigurationError],
  ["denied: User: x is not authorized to perform: ecr:BatchGetImage", PermissionError],
  ["write /layer: no space left on device", TemporaryError],
])("%s ends it at once", async (words, kind) => {
  answers.set(
    "backend",
    Array.from({ length: 50 }, () => words),
  );
  await expect(run({ backend: two.backend })).rejects.toBeInstanceOf(kind);
  expect(pulls).toHaveLength(1);
});

test("a registry that refuses every token, or never recovers, is given up", async () => {
  answers.set(
    "backend",
    Array.from({ length: 50 }, () => EXPIRED),
  );
  await expect(run({ backend: two.backend })).rejects.toBeInstanceOf(PermissionError);
  expect(pulls).toHaveLength(3);
  answers.set(
    "caddy",
    Array.from({ length: 200 }, () => "received unexpected HTTP status: 503"),
  );
  servers.splice(0).forEach((server) => server.close());
  await expect(run({ caddy: two.caddy })).rejects.toBeInstanceOf(TemporaryError);
});
