import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Front, startFront, whyNoFront } from "./front.ts";
import { exchange, request, statusOf } from "./wire.ts";

const reason = await whyNoFront();

describe.skipIf(reason)(`in front of services that hang${reason ? `, which ${reason}` : ""}`, () => {
  let agent: string;
  let front: Front;
  beforeAll(async () => {
    agent = await mkdtemp(join(tmpdir(), "greenleaf-hangs-"));
    front = await startFront({ agent, env: { LOOK_TIMEOUT: "1s" } });
  });
  afterAll(async () => {
    await front?.stop();
    await rm(agent, { recursive: true, force: true });
  });

  const send = (line: string, ...headers: string[]) =>
    exchange({ port: front.port, host: "127.0.0.1" }, request(line, ["Host: shop.example", ...headers]), 50_000);

  test("who looks around reads the shop's own page, while what is ordered or administered is still waited for", async () => {
    const over: string[] = [];
    const dear = ["POST /store/carts/1/complete?hangs HTTP/1.1", "GET /admin/orders?hangs HTTP/1.1"];
    for (const line of dear) void send(line, "Content-Length: 0").then(() => over.push(line));
    const pages = ["/", "/plants/fern", "/app"].map(async (path) => send(`GET ${path}?hangs HTTP/1.1`));
    const program = await send("GET /store/products?hangs HTTP/1.1", "Accept: application/json");
    for (const answer of await Promise.all(pages)) {
      expect(statusOf(answer)).toBe(503);
      expect(answer).toMatch(/Retry-After: 5\r\n[^]*The shop is closed for a moment/i);
    }
    expect(program).toMatch(/^HTTP\/1\.1 503 [^]*\{"type":"unavailable"/);
    expect(over).toEqual([]);
    expect(statusOf(await send("GET /store/products HTTP/1.1"))).toBe(200);
  });
});
