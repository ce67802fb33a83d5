import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { followLogs } from "./follow-logs.ts";

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
  const ended = followLogs(socket, { id: "c1", heard, signal: ending.signal, everyMs: 40 });
  return { lines, ended, asked, end: () => ending.abort() };
}

test("lines are heard as they come, also between two readings, until the container ends", async () => {
  let out: ServerResponse | undefined;
  const { lines, ended, asked } = await followed((outgoing) => {
    out = outgoing;
    out.write(framed("one\n"));
  });
  await expect.poll(() => lines).toEqual(["one\n"]);
  const [many, cut] = [Array.from({ length: 2_000 }, (_, index) => framed(`${index} ö\n`)), framed("in two\n")];
  for (const frame of [...many, cut.subarray(0, 3)]) out?.write(frame);
  await expect.poll(() => lines.length).toBe(2_001);
  expect([lines[1], lines.at(-1)]).toEqual(["0 ö\n", "1999 ö\n"]);
  out?.end(cut.subarray(3));
  await ended;
  expect(lines.at(-1)).toBe("in two\n");
  expect(asked).toEqual(["/containers/c1/logs?follow=1&stdout=1&tail=0"]);
});

test("the signal ends it while nothing comes", async () => {
  const { ended, end, asked } = await followed((outgoing) => void outgoing.write(framed("")));
  await expect.poll(() => asked).toHaveLength(1);
  end();
  await ended;
});

test("what is in no frames, as of a container with a terminal, is left", async () => {
  const { lines, ended } = await followed((outgoing) => void outgoing.write("a line of a terminal\n"));
  await ended;
  expect(lines).toEqual([]);
});

test("a refusal is heard by nobody, and ends it; so does an engine that is not there", async () => {
  const { lines, ended } = await followed((outgoing) => void outgoing.writeHead(404).end('{"message":"no such"}\n'));
  await ended;
  expect(lines).toEqual([]);
  const signal = new AbortController().signal;
  await followLogs("/no/such.sock", { id: "c1", heard: () => undefined, signal });
});
