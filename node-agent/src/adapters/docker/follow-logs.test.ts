import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { followLogs } from "./follow-logs.ts";

const TIMES = { everyMs: 40, forMs: 20 };

function framed(text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = 1;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** An engine that answers for the log of one container, and what is heard of it. */
async function followed(answer: (outgoing: ServerResponse) => void) {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-logs-"));
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(incoming.url ?? "");
    answer(outgoing);
  });
  const socket = join(folder, "engine.sock");
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const lines: string[] = [];
  const ending = new AbortController();
  const heard = (line: string) => void lines.push(line);
  const ended = followLogs(socket, { id: "c1", heard, signal: ending.signal, times: TIMES });
  return { lines, ended, asked, end: () => ending.abort() };
}

test("lines are heard as they come, also between two readings, until the container ends", async () => {
  let out: ServerResponse | undefined;
  const { lines, ended, asked } = await followed((outgoing) => (out = outgoing).write(framed("one\ntw")));
  await expect.poll(() => lines).toEqual(["one"]);
  for (let index = 0; index < 2_000; index += 1) out?.write(framed(`o ${index}\n`));
  await expect.poll(() => lines.length).toBe(2_001);
  expect([lines[1], lines.at(-1)]).toEqual(["two 0", "o 1999"]);
  out?.end(framed("last\n"));
  await ended;
  expect(lines.at(-1)).toBe("last");
  expect(asked).toEqual(["/containers/c1/logs?follow=1&stdout=1&tail=0"]);
});

test("the signal ends it while nothing comes", async () => {
  const { ended, end, asked } = await followed((outgoing) => void outgoing.write(framed("")));
  await expect.poll(() => asked).toHaveLength(1);
  end();
  await ended;
});

test("a refusal is heard by nobody, and ends it; so does an engine that is not there", async () => {
  const { lines, ended } = await followed((outgoing) => void outgoing.writeHead(404).end('{"message":"no such"}\n'));
  await ended;
  expect(lines).toEqual([]);
  const signal = new AbortController().signal;
  await followLogs("/no/such.sock", { id: "c1", heard: () => undefined, signal });
});
