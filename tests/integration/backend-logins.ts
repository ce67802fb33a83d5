import { expect, test } from "vitest";
import { type Answer, askUntil, call, must } from "./backend-client.ts";
import type { Backend, BackendWorld } from "./backend-world.ts";

interface Fleet {
  readonly world: BackendWorld;
  readonly a: Backend;
  readonly b: Backend;
  readonly admin: { email: string; password: string };
}

type Body = { token?: string; message?: string };

/** As Caddy tells the backend who asks; each test has an address of its own, so that no count meets another. */
async function logIn(
  { url }: Backend,
  address: string,
  body: object,
  path = "/auth/user/emailpass",
): Promise<Answer<Body> & { retryAfter: string | null }> {
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-greenleaf-client": address, "x-forwarded-proto": "https" },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  const parsed = text.startsWith("{") ? (JSON.parse(text) as Body) : {};
  return { status: answer.status, body: parsed, cookie: undefined, retryAfter: answer.headers.get("retry-after") };
}

const statusesOf = (answers: readonly { status: number }[]) => answers.map(({ status }) => status);

/** What a fleet of two says to whoever guesses, leaves, or is nobody. */
export function loginTests(fleet: () => Fleet): void {
  test("ten wrong passwords of an address are enough for all nodes and routes; its owner gets in from elsewhere", async () => {
    const { a, b, admin } = fleet();
    const wrong = { ...admin, password: "not the password" };
    // At once: the minute of the count is over by the clock, and a busy machine takes long for ten hashes.
    const ends = await Promise.all(
      Array.from({ length: 10 }, (_, at) => {
        const path = at % 3 === 0 ? "/auth/customer/emailpass" : "/AUTH/user/emailpass";
        return logIn(at % 2 ? a : b, "203.0.113.1", wrong, path);
      }),
    );
    expect(new Set(statusesOf(ends))).toEqual(new Set([401]));
    for (const node of [a, b]) {
      const refused = await logIn(node, "203.0.113.1", admin);
      expect([refused.status, Number(refused.retryAfter) > 0]).toEqual([429, true]);
    }
    expect((await logIn(b, "203.0.113.2", admin)).status).toBe(200);
  });

  test("many at once are not judged more often", async () => {
    const { a, b } = fleet();
    const tries = Array.from({ length: 30 }, (_, at) =>
      logIn(at % 2 ? a : b, "203.0.113.3", { email: `${at}@shop.example`, password: "x" }),
    );
    const statuses = statusesOf(await Promise.all(tries));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  });

  test("with Valkey silent nobody is judged more often, and soon nobody at all", async () => {
    const { world, a, b } = fleet();
    const wrong = { email: "away@shop.example", password: "not the password" };
    const guess = async () => (await logIn(a, "203.0.113.4", wrong)).status;
    await world.valkeyAway(async () => {
      const ends = await Promise.all(Array.from({ length: 30 }, guess));
      expect(ends.filter((status) => status === 401).length).toBeLessThanOrEqual(10);
      expect(new Set(ends).difference(new Set([401, 429, 503]))).toEqual(new Set());
      const isRefused = (status: number) => status === 503;
      expect(await askUntil(guess, isRefused, 60_000)).toBe(503);
    });
    // Refused until it is asked again, half a second later.
    const isServing = ({ status }: { status: number }) => status === 200;
    for (const { url } of [a, b])
      expect((await askUntil(() => call(url, "/readyz"), isServing, 60_000)).status).toBe(200);
  });

  test("a reset says the same of a name that nobody has, and is not for asking without end", async () => {
    const { a, admin } = fleet();
    const path = "/auth/user/emailpass/reset-password";
    const answers = [];
    for (const identifier of [admin.email, "nobody@shop.example"])
      answers.push(await logIn(a, "203.0.113.5", { identifier }, path));
    expect(statusesOf(answers)).toEqual([201, 201]);
    for (let at = 0; at < 8; at += 1) await logIn(a, "203.0.113.5", { identifier: `${at}@shop.example` }, path);
    expect((await logIn(a, "203.0.113.5", { identifier: admin.email }, path)).status).toBe(429);
  });

  test("a short password is refused by whichever route it comes", async () => {
    const { a } = fleet();
    const register = (actor: string, email: string, password: string) =>
      logIn(a, "203.0.113.6", { email, password }, `/auth/${actor}/emailpass/register`);
    const words = (actor: string, length: number) => [actor, 400, expect.stringContaining(`${length} characters`)];
    for (const [actor, length] of [
      ["user", 12],
      ["customer", 8],
    ] as const) {
      const { status, body } = await register(actor, "short@shop.example", "x".repeat(length - 1));
      expect([actor, status, body.message]).toEqual(words(actor, length));
    }
    expect((await register("customer", "eight@shop.example", "eight ch")).status).toBe(200);
    // What is long enough for a customer opens no door to an invitation.
    const { status, body } = await logIn(a, "203.0.113.6", { email: "eight@shop.example", password: "eight ch" });
    expect([status, body.message]).toEqual([401, expect.stringContaining("12 characters")]);
  });

  test("who logs out is out: the token, the session made of it, and those of other browsers, on every node", async () => {
    const { a, b, admin } = fleet();
    const old = (await logIn(a, "203.0.113.7", admin)).body.token ?? "";
    const [one, other] = [
      await call(a.url, "/auth/session", { token: old, method: "POST" }),
      await call(b.url, "/auth/session", { token: old, method: "POST" }),
    ];
    expect((await call(a.url, "/auth/session", { cookie: one.cookie ?? "", method: "DELETE" })).status).toBe(200);
    const fresh = (await logIn(b, "203.0.113.7", admin)).body.token ?? "";
    const asked = [{ token: old }, { cookie: one.cookie ?? "" }, { cookie: other.cookie ?? "" }];
    for (const { url } of [a, b]) {
      for (const options of asked) expect((await call(url, "/admin/users/me", options)).status).toBe(401);
      await must(url, "/admin/users/me", { token: fresh });
    }
    expect((await call(b.url, "/auth/token/refresh", { token: old, method: "POST" })).status).toBe(401);
  });

  test("a form of another site changes nothing, and no answer names what it is made with", async () => {
    const { a, admin } = fleet();
    const { token = "" } = (await logIn(a, "203.0.113.8", admin)).body;
    const { cookie = "" } = await call(a.url, "/auth/session", { token, method: "POST" });
    const headers = { cookie, "content-type": "application/x-www-form-urlencoded", origin: "https://evil.example" };
    const answer = await fetch(`${a.url}/admin/products`, { method: "POST", headers, body: "title=x" });
    expect([answer.status, answer.headers.get("x-powered-by")]).toEqual([403, null]);
    for (const path of ["/app", "/admin/users/me", "/health", "/nowhere"])
      expect((await fetch(`${a.url}${path}`)).headers.get("x-powered-by")).toBeNull();
  });

  test("no secret of an address is in the log", async () => {
    const { world, a } = fleet();
    await fetch(`${a.url}/app/reset-password?token=RESET-CANARY`, {
      headers: { referer: "https://shop.example/app/invite?token=REFERER-CANARY", cookie: "connect.sid=COOKIE-CANARY" },
    });
    // The line is written once the answer is out, and the engine takes it from a pipe.
    const isTold = (text: string) => text.includes('"path":"/app/reset-password"');
    const log = await askUntil(() => Promise.resolve(world.log(a)), isTold, 30_000);
    expect(log).toContain('"path":"/app/reset-password"');
    expect(log).not.toMatch(/[A-Z]+-CANARY/);
  });
}
