import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { skippingClock } from "../../../../tests/support/config-node.ts";
import { INSTANCE } from "../../../../tests/support/fake-imds.ts";
import { LINK_LOCAL, openImds } from "../../adapters/aws/imds.ts";
import { realWorld, type World } from "../../world.ts";
import { type Boot, runPhases, Sequence } from "../phase.ts";
import type { Identified } from "../stages.ts";
import { identify } from "./identify.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const cleanups: Array<() => void> = [];
afterEach(() => cleanups.splice(0).forEach((cleanup) => cleanup()));

/** A metadata service that answers each request by the next handler, the last one for ever; and what it was asked. */
async function service(...handlers: Handler[]): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers["x-aws-ec2-metadata-token"] ?? "-"}`);
    (handlers.length > 1 ? handlers.shift() : handlers[0])?.(request, response);
  });
  return { url: await listening(server), asked };
}

async function listening(server: Server, host = "127.0.0.1", port = 0): Promise<string> {
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
}

const DOCUMENT = JSON.stringify(INSTANCE);
const good: Handler = ({ method, headers }, response) => {
  if (method === "PUT") response.end("good-token");
  else if (headers["x-aws-ec2-metadata-token"] !== "good-token") response.writeHead(401).end();
  else response.end(DOCUMENT);
};
const status =
  (code: number, headers = {}): Handler =>
  (_, response) =>
    void response.writeHead(code, headers).end();
const silence: Handler = () => undefined;
const cutShort: Handler = (_, response) => {
  response.writeHead(200, { "content-length": 500 });
  response.write("half", () => response.socket?.destroy());
};
const text =
  (body: string): Handler =>
  (_, response) =>
    void response.end(body);

interface Setting {
  imds?: readonly string[];
  clock?: World["clock"];
  document?: object;
  /** Whether a service says nothing at all; else each answer is waited for, however busy this machine is. */
  silent?: boolean;
}

async function identified({ imds = [], clock = skippingClock(), document = {}, silent = false }: Setting) {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-identify-"));
  cleanups.push(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "etc/greenleaf"), { recursive: true });
  const base = {
    version: 1,
    project: "greenleaf",
    environment: "prod",
    role: "app",
    parameters: "/greenleaf/prod",
    release: "ssm:/x",
  };
  writeFileSync(join(root, "etc/greenleaf/node.json"), JSON.stringify({ ...base, ...document }));
  const world: World = {
    ...realWorld({ root }),
    clock,
    imds: (where) => (where === "none" ? undefined : openImds(imds, silent ? 60 : 15_000)),
  };
  const boot: Boot & Partial<Identified> = {
    world,
    log: { emit: () => undefined },
    mode: "apply",
    operations: [],
    results: [],
  };
  const error: unknown = await runPhases(boot, Sequence.of().next(identify)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { boot, error };
}

const NODE = {
  id: INSTANCE.instanceId,
  zone: "eu-west-3a",
  type: "t3.small",
  accountId: "123456789012",
  region: "eu-west-3",
};

test("a token and one document tell who the machine is", async () => {
  const { url, asked } = await service(good);
  const { boot } = await identified({ imds: [url] });
  expect(boot.node).toMatchObject({ region: "eu-west-3", instance: NODE });
  expect(asked).toEqual(["PUT /latest/api/token -", "GET /latest/dynamic/instance-identity/document good-token"]);
});

test("only the link-local addresses are asked unless the node document names another", () => {
  expect(LINK_LOCAL).toEqual(["http://169.254.169.254", "http://[fd00:ec2::254]"]);
});

describe("what passes is waited out, and never asked without a token", () => {
  test.each<[string, Handler[]]>([
    ["a burst of 503", [status(503), status(503), status(503), status(500), good]],
    ["a token that is refused", [text("old-token"), status(401), good]],
    ["a token that is refused twice", [text("old"), status(401), text("old"), status(401), good]],
    ["silence", [silence, silence, good]],
    ["an answer that breaks off", [cutShort, good]],
    ["a document that breaks off", [text("good-token"), cutShort, good]],
    ["half a document", [text("good-token"), text(DOCUMENT.slice(0, -9)), good]],
    ["no document yet", [text("good-token"), status(404), good]],
    ["a token that is none", [text("<html>\r\nx: y"), text(""), text("x".repeat(2000)), good]],
    ["a bad request", [status(400), good]],
  ])("%s", async (_, handlers) => {
    const { url, asked } = await service(...handlers);
    const { boot, error } = await identified({ imds: [url], silent: handlers.includes(silence) });
    expect(error).toBeUndefined();
    expect(boot.node?.instance).toEqual(NODE);
    expect(asked.filter((line) => line.startsWith("GET") && line.endsWith(" -"))).toEqual([]);
    expect(asked.length).toBeLessThanOrEqual(12);
  });
});

describe("what does not pass ends at once", () => {
  test.each<[string, Handler[], number, string]>([
    ["403 for the token", [status(403)], 77, "the instance metadata service is disabled"],
    ["403 for the document", [text("t"), status(403)], 77, "the instance metadata service is disabled"],
    ["404 for the token", [status(404)], 78, "is not one"],
  ])("%s", async (_, handlers, exitCode, what) => {
    const { url, asked } = await service(...handlers);
    const { error } = await identified({ imds: [url] });
    expect(error).toMatchObject({ exitCode, message: expect.stringContaining(what) as string });
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  test.each([0, 1])("a redirect is never followed, wherever it points (request %i)", async (at) => {
    const other = await service(good);
    const redirect = status(307, { location: `${other.url}/latest/api/token` });
    const { url } = await service(...[text("t"), redirect].slice(1 - at));
    const { error } = await identified({ imds: [url] });
    expect(error).toMatchObject({
      exitCode: 78,
      why: expect.stringContaining("redirects are never followed") as string,
    });
    expect(other.asked).toEqual([]);
  });
});

test("a black hole ends after two minutes of the monotonic clock, whatever the wall clock does", async () => {
  const { url, asked } = await service(silence);
  const clock = skippingClock();
  let day = 86_400_000;
  const jumping = { ...clock, date: () => new Date(Date.now() + (day *= -1)) };
  const start = clock.now();
  const { error } = await identified({ imds: [url], clock: jumping, silent: true });
  const waitedMs = clock.now() - start;
  expect(error).toMatchObject({
    exitCode: 75,
    message: "waiting for the instance metadata service took longer than 120 s",
  });
  expect(waitedMs).toBeGreaterThan(119_000);
  expect(waitedMs).toBeLessThan(126_000);
  expect(asked.length).toBeLessThanOrEqual(12);
});

test("a network that comes up late is waited for", async () => {
  const reserved = createServer(good);
  const url = await listening(reserved);
  await new Promise((resolve) => reserved.close(resolve));
  const clock = skippingClock();
  let sleeps = 0;
  const sleep = async (ms: number) => {
    await clock.sleep(ms);
    if ((sleeps += 1) === 4) await listening(createServer(good), "127.0.0.1", Number(new URL(url).port));
  };
  const { boot } = await identified({ imds: [url], clock: { ...clock, sleep } });
  expect(boot.node?.instance).toEqual(NODE);
});

test("a machine with only IPv6 is served by the second address", async () => {
  const url = await listening(createServer(good), "::1");
  const { boot } = await identified({ imds: ["http://127.0.0.1:9", url] });
  expect(boot.node?.instance).toEqual(NODE);
});

test("a local node needs no metadata, but a region", async () => {
  const endpoints = { imds: "none" };
  const { boot } = await identified({ document: { endpoints, region: "eu-west-3" } });
  expect(boot.node).toMatchObject({ region: "eu-west-3" });
  expect(boot.node).not.toHaveProperty("instance");
  const { error } = await identified({ document: { endpoints } });
  expect(error).toMatchObject({ exitCode: 78, message: "identify: the region is not known" });
});
