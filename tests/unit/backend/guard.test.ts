import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withoutSecrets } from "../../../images/backend/src/http/access-log.ts";
import { clientAddress } from "../../../images/backend/src/http/client-address.ts";
import { guardRequests } from "../../../images/backend/src/http/guard.ts";

const server = createServer((_, response) => {
  response.setHeader("X-Powered-By", "Express");
  response.end("medusa");
});
let url: string;
beforeAll(async () => {
  guardRequests(server, { admin: ["https://admin.example"], store: ["https://front.example"] });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const cookie = "a=1; connect.sid=s%3Aabc";
const form = "application/x-www-form-urlencoded";

const send = (path: string, headers: Record<string, string>, method = "POST") =>
  fetch(`${url}${path}`, { method, headers, ...(method === "GET" ? {} : { body: "a=1" }) });

test.each([
  ["a form of another site", "/admin/x", { "content-type": form, origin: "https://evil.example" }, 403],
  ["a form of a sandboxed frame", "/admin/x", { "content-type": form, origin: "null" }, 403],
  ["a form that says nothing of where it is from", "/admin/x", { "content-type": form }, 403],
  ["files that say nothing", "/admin/x", { "content-type": "multipart/form-data; boundary=x" }, 403],
  ["plain text that says nothing", "/admin/x", { "content-type": "TEXT/plain" }, 403],
  ["JSON of another site", "/admin/x", { "content-type": "application/json", origin: "https://evil.example" }, 403],
  ["a sister site", "/admin/x", { "sec-fetch-site": "same-site" }, 403],
  ["a browser that says cross-site", "/admin/x", { "sec-fetch-site": "cross-site" }, 403],
  ["the storefront's origin on the admin's paths", "/admin/x", { origin: "https://front.example" }, 403],
  ["the same in capitals", "/ADMIN/x", { origin: "https://front.example" }, 403],
  ["the storefront's origin on its own", "/store/x", { origin: "https://front.example" }, 200],
  [
    "a listed origin of another site",
    "/admin/x",
    { origin: "https://admin.example", "sec-fetch-site": "cross-site" },
    200,
  ],
  ["the shop's own page", "/admin/x", { "content-type": form, "sec-fetch-site": "same-origin" }, 200],
  [
    "the shop's own page behind a proxy",
    "/admin/x",
    { origin: "https://s.example", "x-forwarded-host": "s.example" },
    200,
  ],
  ["a program with JSON", "/admin/x", { "content-type": "application/json" }, 200],
])("%s with a session", async (_, path, headers, status) => {
  expect((await send(path, { cookie, ...(headers as Record<string, string>) })).status).toBe(status);
});

test("without a session, and for reading, nothing is asked", async () => {
  const foreign = { "content-type": form, origin: "https://evil.example" };
  expect((await send("/admin/x", { ...foreign, authorization: "Bearer x" })).status).toBe(200);
  expect((await send("/admin/x", { cookie, ...foreign }, "GET")).status).toBe(200);
});

test("no answer names what it is made with", async () => {
  for (const answer of [await send("/x", {}), await send("/admin/x", { cookie, origin: "null" })]) {
    expect(answer.headers.has("x-powered-by")).toBe(false);
  }
});

test.each([
  [{ "x-greenleaf-client": "203.0.113.9" }, "172.20.0.3", "203.0.113.9"],
  [{ "x-forwarded-for": "203.0.113.9", "cf-connecting-ip": "203.0.113.9" }, "172.20.0.3", "172.20.0.3"],
  [{ "x-greenleaf-client": "203.0.113.9, 1.2.3.4" }, "172.20.0.3", "172.20.0.3"],
  [{ "x-greenleaf-client": "nonsense" }, "::ffff:172.20.0.3", "172.20.0.3"],
  [{ "x-greenleaf-client": "2001:db8:0:7::1" }, undefined, "2001:db8:0:7::/64"],
  [{ "x-greenleaf-client": "2001:DB8::7:0:0:0:2" }, undefined, "2001:db8:0:7::/64"],
  [{ "x-greenleaf-client": "2001:db8:0:7:ffff::" }, undefined, "2001:db8:0:7::/64"],
  [{}, undefined, "unknown"],
])("%j from %s is counted as %s", (headers, peer, address) => {
  expect(clientAddress(headers, peer)).toBe(address);
});

test("what stands behind a question mark is in no log", () => {
  expect(withoutSecrets("/app/reset-password?token=SECRET\n?b")).toBe("/app/reset-password");
  expect(withoutSecrets("https://shop.example/app#SECRET")).toBe("https://shop.example/app");
  expect(withoutSecrets("/store/products")).toBe("/store/products");
});

test("what looks drawn by lot in a path stands in no log as a whole, and what people write does", () => {
  const secrets = [
    ["/store/carts/cart_01M8DVWMDWFDA05DM2ZS25ZMKT/line-items", "/store/carts/cart_01M8DVWMDW.../line-items"],
    ["/reset/d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab", "/reset/d131dd02c5..."],
    ["/invite/550e8400-e29b-41d4-a716-446655440000", "/invite/550e8400..."],
  ] as const;
  for (const [path, shown] of secrets) expect(withoutSecrets(path)).toBe(shown);
  const token = "eyJhbGciOiJIUzI1NiJ9-Qx_7fGh-kLm_N0pQrStUv";
  expect(withoutSecrets(`/verify/${token}`)).not.toMatch(/fGh|kLm|pQrS/);
  const open = [
    "/fr/plants/monstera-deliciosa-variegata-12-cm",
    "/admin/products/batch",
    "/app/assets/index-d-UCsZtc.js",
  ];
  for (const path of open) expect(withoutSecrets(path)).toBe(path);
});
