import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askSocket } from "./socket-answer.ts";

let folder: string;
let socketPath: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-socket-"));
  socketPath = join(folder, "agent.sock");
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

async function listen(server: Server): Promise<void> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
}

const ask = (timeoutMs = 2_000) => askSocket({ socketPath, path: "/status", timeoutMs });

test("an answer of Node's own server is read whole, whatever its length and its status", async () => {
  const body = `${JSON.stringify({ text: `é\r\n\r\n${"x".repeat(300_000)}` })}\n`;
  await listen(createHttp(({ url }, answer) => answer.writeHead(url === "/status" ? 503 : 404).end(body)));
  expect(await ask()).toEqual({ status: 503, body });
});

test("an answer in pieces has no marks of the pieces in it", async () => {
  await listen(
    createHttp((_question, answer) => {
      answer.write("one ");
      setImmediate(() => answer.end("two"));
    }),
  );
  expect(await ask()).toEqual({ status: 200, body: "one two" });
});

test("who is not there, says nothing, or is no server of HTTP rejects", async () => {
  await expect(ask()).rejects.toMatchObject({ code: "ENOENT" });
  await listen(createServer((socket) => void socket.on("error", () => undefined).resume()));
  await expect(ask(20)).rejects.toThrow("no answer for 20 ms");
  servers.splice(0).forEach((server) => void server.close());
  rmSync(socketPath, { force: true });
  await listen(createServer((socket) => void socket.end("220 mail\r\n")));
  await expect(ask()).rejects.toThrow("no answer of HTTP");
});
