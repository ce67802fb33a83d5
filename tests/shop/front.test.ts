import { expect, test } from "vitest";

const SHOP = process.env.GREENLEAF_SHOP_URL ?? "http://localhost:8080";
const EMAIL = process.env.GREENLEAF_ADMIN_EMAIL ?? "";
const PASSWORD = process.env.GREENLEAF_ADMIN_PASSWORD ?? "";

/** What each way to the shop adds to a request (AWS and Cloudflare document these headers). */
const ROUTES = {
  "an ALB with TLS": {
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "443",
    "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678",
  },
  "an ALB on port 80 behind Cloudflare": {
    "cdn-loop": "cloudflare; loops=1",
    "cf-connecting-ip": "203.0.113.7",
    "cf-visitor": '{"scheme":"https"}',
    "x-forwarded-for": "203.0.113.7, 172.70.85.12",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "80",
    "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678",
  },
  "a browser on localhost": {},
  "somebody who forges every header": {
    "x-forwarded-for": "127.0.0.1, 10.0.0.1",
    "x-forwarded-proto": "http, http",
    "x-forwarded-host": "evil.example",
    "x-forwarded-port": "1",
    forwarded: "for=127.0.0.1;proto=http;host=evil.example",
  },
} as const;

async function logIn(headers: Readonly<Record<string, string>>): Promise<Response> {
  const token = await fetch(`${SHOP}/auth/user/emailpass`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  const { token: bearer } = (await token.json()) as { token: string };
  return fetch(`${SHOP}/auth/session`, { method: "POST", headers: { ...headers, authorization: `Bearer ${bearer}` } });
}

test.each(Object.entries(ROUTES))("logging in to the admin works through %s", async (_, headers) => {
  const session = await logIn(headers);
  expect(session.status).toBe(200);
  const cookie = session.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/^connect\.sid=/);
  expect(cookie).toMatch(/HttpOnly/i);
  expect(cookie).toMatch(/Secure/i);
  const me = await fetch(`${SHOP}/admin/users/me`, { headers: { ...headers, cookie: cookie.split(";")[0] ?? "" } });
  expect(((await me.json()) as { user: { email: string } }).user.email).toBe(EMAIL);
});

test("the load balancer's health check answers 200, and nothing else of the agent is shown", async () => {
  expect((await fetch(`${SHOP}/healthz`)).status).toBe(200);
  for (const path of ["/metrics", "/status", "/livez"]) {
    const answer = await fetch(`${SHOP}${path}`);
    expect([path, answer.status, (await answer.text()).includes("greenleaf_")]).toEqual([path, 404, false]);
  }
});

test("pages carry the security headers, are compressed and do not name their server", async () => {
  const { headers } = await fetch(SHOP, { headers: { "accept-encoding": "gzip" } });
  expect(headers.get("content-encoding")).toBe("gzip");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
  expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
  expect(headers.get("server")).toBeNull();
});

test("a body over the limit is refused before it reaches the backend", async () => {
  const answer = await fetch(`${SHOP}/admin/uploads`, { method: "POST", body: new Uint8Array(21 * 1024 * 1024) });
  expect([answer.status, await answer.text()]).toEqual([413, "The body is larger than 20 MB."]);
});
