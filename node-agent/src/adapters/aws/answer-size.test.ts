import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { httpRequest } from "../../base/http-request.ts";
import type { CredentialSource } from "./credentials.ts";
import { openImds } from "./imds.ts";
import { openParameters } from "./parameters.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serving(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Gives bytes for as long as the reader takes them; counts what it gave. */
const endless = (given: { bytes: number }): RequestListener => {
  const piece = Buffer.alloc(64 * 1024, "x");
  return (_request, response) => {
    const more = () => {
      while (!response.destroyed) {
        given.bytes += piece.length;
        if (!response.write(piece)) return;
      }
    };
    response.on("drain", more);
    more();
  };
};

const LONG_MS = 60_000;

test("an answer without an end is given up at its size limit, long before its deadline", async () => {
  const given = { bytes: 0 };
  const url = await serving(endless(given));
  const asked = httpRequest({ url, timeoutMs: LONG_MS, maxBytes: 1_000_000 });
  await expect(asked).rejects.toMatchObject({ name: "AnswerTooLarge", message: "an answer of more than 977 KB" });
  // What the sockets hold of it is not read.
  expect(given.bytes).toBeLessThan(32_000_000);
});

test("an answer of just the limit is whole", async () => {
  const url = await serving((_request, response) => response.end("é".repeat(500)));
  expect((await httpRequest({ url, timeoutMs: LONG_MS, maxBytes: 1_000 })).body).toBe("é".repeat(500));
  await expect(httpRequest({ url, timeoutMs: LONG_MS, maxBytes: 999 })).rejects.toThrow("more than 1 KB");
});

test("an answer that drips has the whole exchange's deadline", async () => {
  const url = await serving((_request, response) => {
    response.write("a");
    setInterval(() => response.write("a"), 10).unref();
  });
  await expect(httpRequest({ url, timeoutMs: 200 })).rejects.toMatchObject({ name: "AbortError" });
});

test("metadata without an end is no answer", async () => {
  const url = await serving(endless({ bytes: 0 }));
  const answer = await openImds([url], LONG_MS).read("meta-data/instance-id");
  expect(answer).toEqual({ done: false, why: "no answer from IMDS: an answer of more than 64 KB" });
});

test("parameters without an end are no answer: nothing that was sent is told", async () => {
  const given = { bytes: 0 };
  const endpoint = await serving(endless(given));
  const credentials: CredentialSource = {
    get: async () => ({ accessKeyId: "local", secretAccessKey: "local" }),
    renew: () => undefined,
  };
  const answer = await openParameters({ region: "eu-west-3", endpoint, credentials }).get(["/shop/a"], LONG_MS);
  expect(answer).toEqual({
    done: false,
    why: "ssm:GetParameters: an answer that could not be read (AnswerTooLarge)",
  });
  expect(given.bytes).toBeLessThan(64_000_000);
});
