import { request as ask, createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gate } from "../../../images/backend/src/http/gate.ts";
import { type LoadLimits, shareOf, shedLoad } from "../../../images/backend/src/http/load-shedding.ts";

test.each([
  ["GET", "/store/products?limit=24", "browsing"],
  ["HEAD", "/store/product-categories", "browsing"],
  ["GET", "/STORE/products", "browsing"],
  ["GET", "/store/carts/cart_1", "checkout"],
  ["GET", "/store/cartsy", "browsing"],
  ["POST", "/store/carts/cart_1/complete", "checkout"],
  ["GET", "/store/shipping-options?cart_id=1", "checkout"],
  ["GET", "/store/payment-providers", "checkout"],
  ["POST", "/hooks/payment/stripe", "checkout"],
  ["OPTIONS", "/store/carts", "other"],
  ["GET", "/admin/orders", "other"],
  ["GET", "/health", "other"],
])("%s %s is of the share %s", (method, url, share) => expect(shareOf(method, url)).toBe(share));

test("a gate lets in by turn, refuses past its queue, and takes no one who waited in vain", async () => {
  vi.useFakeTimers();
  try {
    const gate = new Gate({ slots: () => 1, waiting: 2, waitMs: 1_000 });
    expect(await gate.enter()).toBe(true);
    const [early, late] = [gate.enter(), gate.enter()];
    expect(await gate.enter()).toBe(false);
    gate.leave();
    expect(await early).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await late).toBe(false);
    gate.leave();
    expect(await gate.enter()).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

const limits: LoadLimits = { atOnce: 3, browsingAtLeast: 1, browsingWaiting: 1, browsingWaitMs: 60_000, checkouts: 4 };

let server: Server;
/** What the shop is working on; the test decides when an answer comes. */
let work: { url: string; response: ServerResponse }[];

beforeEach(async () => {
  work = [];
  server = createServer((request, response) => {
    const begin = () => void work.push({ url: request.url ?? "", response });
    if (request.method === "POST") request.resume().once("end", begin);
    else begin();
  });
  shedLoad(server, limits);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

type Answer = { status: number | undefined; retryAfter: string | undefined };

function send(url: string, method = "GET"): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = ask({ port, host: "127.0.0.1", path: url, method, agent: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, retryAfter: response.headers["retry-after"] });
    });
    // What still waits when a test is over ends with its connection.
    sent.on("error", reject).end();
  });
}

const begun = (count: number) => vi.waitFor(() => expect(work).toHaveLength(count), { timeout: 30_000 });
const ended = { status: 503, retryAfter: "2" };

/** Of two who find one place to wait in, one is refused, whichever comes first. */
const oneRefused = async (...urls: string[]) => {
  const asked = urls.map((url) => send(url));
  for (const each of asked) void each.catch(() => undefined);
  expect(await Promise.any(asked)).toEqual(ended);
};

test("past the limit who browses is told to come back, and who checks out is served", async () => {
  const shelves = ["/store/products?1", "/store/products?2", "/store/products?3"].map((url) => send(url));
  await begun(3);
  await oneRefused("/store/products?4", "/store/products?5");
  const paid = send("/store/carts/cart_1/complete", "POST");
  await begun(4);
  expect(work.at(-1)?.url).toBe("/store/carts/cart_1/complete");
  for (const { response } of work.slice()) response.end();
  expect((await paid).status).toBe(200);
  expect((await Promise.all(shelves)).map(({ status }) => status)).toEqual([200, 200, 200]);
  // Who waited has the place now.
  await begun(5);
});

test("checkouts take the places of browsing but one, and past their own limit are told to come back", async () => {
  const buying = ["/store/carts/1", "/store/carts/2", "/store/carts/3", "/store/carts/4"].map((url) => send(url));
  for (const each of buying) void each.catch(() => undefined);
  await begun(4);
  expect(await send("/store/carts/5")).toEqual(ended);
  void send("/store/products?1").catch(() => undefined);
  await begun(5);
  await oneRefused("/store/products?2", "/store/products?3");
  expect(work).toHaveLength(5);
  for (const { response } of work.slice()) response.end();
  // Three places now: who waited has one.
  await begun(6);
});

test("whoever goes away leaves the place to the next", async () => {
  const { port } = server.address() as AddressInfo;
  const gone = [1, 2, 3].map((at) => {
    const sent = ask({ port, host: "127.0.0.1", path: `/store/products?${at}`, agent: false });
    sent.on("error", () => undefined).end();
    return sent;
  });
  await begun(3);
  for (const sent of gone) sent.destroy();
  void send("/store/products?4").catch(() => undefined);
  await begun(4);
});

test("who sends a body slowly keeps nobody out", async () => {
  const { port } = server.address() as AddressInfo;
  const slow = [1, 2, 3, 4].map((at) => {
    const headers = { "content-length": 9 };
    const sent = ask({ port, host: "127.0.0.1", path: `/store/carts/${at}`, method: "POST", headers, agent: false });
    sent.on("error", () => undefined).write("{");
    return sent;
  });
  void send("/store/carts/5").catch(() => undefined);
  await begun(1);
  for (const sent of slow) sent.destroy();
});
