import { once } from "node:events";
import { createServer, get, type IncomingMessage, type RequestListener } from "node:http";
import { expect, test } from "vitest";
import { askBackend } from "../../../images/storefront/server/readiness.ts";
import { closedPolicy, createShopServer } from "../../../images/storefront/server/shop-server.ts";
import { served } from "../../support/served.ts";

interface Options {
  readonly pages?: RequestListener;
  readonly isReady?: () => Promise<string | undefined>;
}

async function startShop({ pages = (_, response) => void response.end("page"), isReady }: Options = {}) {
  const shop = createShopServer({
    pages: async (incoming, response) => pages(incoming, response),
    policy: closedPolicy("https://media.example.com/x"),
    isReady: isReady ?? (async () => undefined),
  });
  return { shop, url: await served(shop.server) };
}

test("/healthz answers while the backend is away, /readyz says why not", async () => {
  const { url } = await startShop({ isReady: async () => "the backend answered 503" });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, "the backend answered 503\n"]);
});

test("/readyz is 200 when the backend is ready, and 503 as soon as the storefront is stopping", async () => {
  const { url, shop } = await startShop();
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  shop.drain();
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, ready.headers.get("connection")]).toEqual([503, "close"]);
});

test("every page forbids scripts and allows the media host's pictures", async () => {
  const { url } = await startShop();
  const policy = (await fetch(`${url}/`)).headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("script-src");
  expect(policy).toContain("img-src 'self' https://media.example.com ");
});

test("a page that throws is answered with 500, and the server goes on", async () => {
  const { url } = await startShop({
    pages: (incoming, response) => {
      if (incoming.url === "/broken") throw new Error("boom");
      response.end("page");
    },
  });
  expect((await fetch(`${url}/broken`)).status).toBe(500);
  expect((await fetch(`${url}/`)).status).toBe(200);
});

test("who asks for another protocol gets the page, though Next would end the connection", async () => {
  const { url, shop } = await startShop();
  shop.server.on("upgrade", (_, socket) => void socket.destroy());
  for (const protocol of ["h2c", "websocket"]) {
    const sent = get(`${url}/`, { headers: { Connection: "Upgrade", Upgrade: protocol } });
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(200);
  }
});

test("a request that runs when the stop begins gets its whole answer, and the server then closes", async () => {
  let finish = () => {};
  const { url, shop } = await startShop({
    pages: (_, response) => {
      response.write("first half, ");
      finish = () => response.end("second half");
    },
  });
  const answer = await fetch(`${url}/slow`);
  shop.drain();
  const closed = once(shop.server, "close");
  shop.server.close();
  finish();
  expect(await answer.text()).toBe("first half, second half");
  shop.server.closeIdleConnections();
  await closed;
});

test("the backend is asked for at most the time given", async () => {
  const answers: Record<string, RequestListener> = {
    ready: (_, response) => void response.end("{}"),
    unready: (_, response) => void response.writeHead(503).end(),
    silent: () => {},
  };
  const ask = async (name: string, ms: number) => askBackend(await served(createServer(answers[name]!)), ms);
  expect(await ask("ready", 1000)).toBeUndefined();
  expect(await ask("unready", 1000)).toBe("the backend answered 503");
  expect(await ask("silent", 100)).toBe("the backend did not answer within 100 ms");
  expect(await askBackend("http://127.0.0.1:1", 1000)).toMatch(/did not answer/);
});

test("a visitor who hangs up early does no harm", async () => {
  const { url } = await startShop({ pages: (_, response) => void setTimeout(() => response.end("late"), 50) });
  await expect(fetch(`${url}/`, { signal: AbortSignal.timeout(10) })).rejects.toThrow(/timeout/);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
