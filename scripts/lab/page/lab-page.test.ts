import { request } from "node:http";
import { afterEach, expect, test } from "vitest";
import type { RouterStatus } from "../../../node-agent/src/core/router/status.ts";
import type { LabView } from "../lab-view.ts";
import { picture } from "../picture.ts";
import { PAGE_HTML, PAGE_SCRIPT, PAGE_STYLE, pictureHtml } from "./lab-page.ts";
import { labPageServer, listenOnLoopback } from "./server.ts";

const status: RouterStatus = {
  zones: [
    { name: "eu-west-3a", isServed: true, owner: "this router" },
    { name: "eu-west-3b", isServed: true, owner: "this router" },
  ],
  probe: { isProven: true, ms: 2 },
  peer: { state: "silent" },
  drain: "no",
  event: "take-peer: <silent>",
  since: "2026-01-01T00:00:00Z",
  written: "2026-01-01T00:00:00Z",
};
const router = { address: "10.0.1.10", publicAddress: "203.0.113.10", flows: 7 };
const view: LabView = {
  zones: [
    { name: "eu-west-3a", range: "10.0.10.0/24", owner: "router a" },
    { name: "eu-west-3b", range: "10.0.11.0/24", owner: "router a" },
  ],
  routers: [
    { ...router, name: "router a", agent: "alive", status },
    { ...router, name: "router b", agent: "dead" },
  ],
  leaked: 3,
};

const closing: Array<() => void> = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

async function served(observe: () => Promise<LabView>): Promise<number> {
  const server = labPageServer(observe);
  closing.push(() => server.close());
  return listenOnLoopback(server, 0);
}

interface Answered {
  readonly code: number | undefined;
  readonly body: string;
  readonly policy: unknown;
}

const ask = (port: number, path: string, { method = "GET", host = "127.0.0.1" } = {}): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const sent = request({ port, path, method, host: "127.0.0.1", headers: { host }, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => (body += text));
      const policy = answer.headers["content-security-policy"];
      answer.on("end", () => resolve({ code: answer.statusCode, body, policy }));
    });
    sent.on("error", reject).end();
  });

test("the page shows zones, routers, who owns what, flows and what leaked, and what a router says is text", () => {
  const html = pictureHtml(view);
  expect(html).toContain('aria-label="eu-west-3a by router a, eu-west-3b by router a"');
  // Its own router serves zone a; zone b's way is the other's.
  expect(html.match(/<path d="M130/g)).toHaveLength(1);
  expect(html.match(/<path class="away" d="M130/g)).toHaveLength(1);
  for (const text of ["7 flows", "its agent: dead", "serves eu-west-3a and eu-west-3b", "gateway: 3"])
    expect(html).toContain(text);
  expect(html).toContain("take-peer: &lt;silent&gt;");
  expect(html).not.toContain("<silent>");
});

test("a zone whose route names nobody says so, in the page and in the terminal", () => {
  const [first] = view.zones;
  const lost = { ...view, zones: first === undefined ? [] : [{ ...first, owner: undefined }] };
  expect(pictureHtml(lost)).toContain('<b class="bad">nobody</b>');
  expect(picture(lost)).toContain("zone eu-west-3a  10.0.10.0/24 -> NOBODY");
});

test("nothing comes from outside or runs inline, and a phone's width is its width", async () => {
  const port = await served(async () => view);
  const { code, body, policy } = await ask(port, "/");
  expect([code, body]).toEqual([200, PAGE_HTML]);
  expect(policy).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(body).toContain('content="width=device-width, initial-scale=1"');
  const all = [PAGE_HTML, PAGE_SCRIPT, PAGE_STYLE, pictureHtml(view)].join("\n");
  expect(all).not.toMatch(/https?:|\/\/\w|\sstyle=|\son\w+=|<script>|<style>|@import|url\(/);
  expect(await ask(port, "/page.js")).toMatchObject({ code: 200, body: PAGE_SCRIPT });
  expect(await ask(port, "/page.css")).toMatchObject({ code: 200, body: PAGE_STYLE });
});

test("it can only be looked at, from this machine, and by its own name", async () => {
  const port = await served(async () => view);
  expect((await ask(port, "/picture", { host: "lab.example.com" })).code).toBe(421);
  expect((await ask(port, "/picture", { method: "POST" })).code).toBe(405);
  expect((await ask(port, "/../etc/passwd")).code).toBe(404);
  expect((await ask(port, "/picture", { host: `localhost:${port}` })).code).toBe(200);
});

test("the picture follows the lab; a lab that is down is told, and the page goes on", async () => {
  let isUp = false;
  let looks = 0;
  const port = await served(() => {
    looks += 1;
    return isUp ? Promise.resolve(view) : Promise.reject(new Error("no namespace"));
  });
  expect((await ask(port, "/picture")).code).toBe(503);
  isUp = true;
  await expect.poll(() => ask(port, "/picture"), { timeout: 10_000 }).toMatchObject({ code: 200 });
  looks = 0;
  await Promise.all(Array.from({ length: 5 }, () => ask(port, "/picture")));
  expect(looks).toBeLessThan(5);
});
