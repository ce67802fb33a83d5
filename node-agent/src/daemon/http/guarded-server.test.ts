import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { guardedServer, pathOf } from "./guarded-server.ts";

let server: ReturnType<typeof guardedServer>;
let told: string[];

beforeEach(async () => {
  told = [];
  server = guardedServer(
    (path) => {
      if (path === "/throws") throw new Error("an answer that throws");
      return { status: 200, type: "text/plain", body: path };
    },
    (text) => told.push(text),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

/** Sends bytes as they are and gives all that comes back. */
function sent(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    socket.on("error", () => undefined).on("close", () => resolve(text));
    socket.write(bytes, "latin1");
  });
}

const statusOf = async (line: string, rest = ""): Promise<string> =>
  (await sent(`${line}\r\nHost: localhost\r\nConnection: close\r\n${rest}\r\n`)).slice(9, 12);

test.each([
  "//:x/../healthz",
  "//",
  "http://[",
  "//evil.example/healthz",
  "/a/../healthz",
  "/%2e%2e/healthz",
  "*",
  "/a\\b",
])("GET %s is 400, and the next request is answered", async (url) => {
  expect(await statusOf(`GET ${url} HTTP/1.1`)).toBe("400");
  expect(await statusOf("GET /healthz HTTP/1.1")).toBe("200");
});

test("an answer that throws is 500, is told, and the next request is answered", async () => {
  expect(await statusOf("GET /throws HTTP/1.1")).toBe("500");
  expect(told).toEqual(["/throws could not be answered: an answer that throws"]);
  expect(await statusOf("GET /healthz HTTP/1.1")).toBe("200");
});

test("only GET and HEAD are answered, and a body ends with its connection", async () => {
  expect(await statusOf("POST /healthz HTTP/1.1")).toBe("405");
  const answer = await sent(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\nx`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*connection: close/i);
});

test("a header of more than 8 kB is refused", async () => {
  expect(await statusOf("GET /healthz HTTP/1.1", `X: ${"x".repeat(9_000)}\r\n`)).toBe("431");
});

test("half a request is closed by the server, which hears others meanwhile and after", async () => {
  const half = sent("GET /healthz HTTP/1.1\r\nHost: loc");
  expect(await statusOf("GET /healthz HTTP/1.1")).toBe("200");
  expect(await half).toMatch(/^HTTP\/1\.1 408 /);
  expect(await statusOf("GET /healthz HTTP/1.1")).toBe("200");
});

test("a thousand connections that say nothing are not kept, and an answer is to be had after them", async () => {
  let open = 0;
  server.on("connection", () => (open += 1));
  await Promise.all(Array.from({ length: 1_000 }, () => sent("")));
  expect(open).toBeLessThan(200);
  expect(await statusOf("GET /healthz HTTP/1.1")).toBe("200");
});

test("a path is what is already in its one plain form, up to the question mark", () => {
  expect(pathOf("/healthz?x=//:y/..")).toBe("/healthz");
  for (const url of ["", "healthz", "//a", "/a/./b", "/a b", "/ä", "/\u0000"]) expect(pathOf(url)).toBeUndefined();
});
