import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Daemon, startDaemon } from "./daemon.ts";
import { type Front, ORIGIN, startFront, whyNoFront } from "./front.ts";
import { exchange, request, statusOf } from "./wire.ts";

const reason = await whyNoFront();
if (reason) console.warn(`skipped: ${reason}`);

interface Heard {
  service: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  heard: number;
}

describe.skipIf(reason)(`the front of a node${reason ? `, which ${reason}` : ""}`, () => {
  let daemon: Daemon;
  let front: Front;
  beforeAll(async () => {
    daemon = await startDaemon();
    front = await startFront({ agent: join(daemon.node.root, "run/greenleaf/agent") });
  });
  afterAll(async () => {
    await front.stop();
    await daemon.stop();
  });

  /** Sends a request line as it is: no client may put the path right. */
  const send = (line: string, ...headers: string[]) =>
    exchange({ port: front.port, host: "127.0.0.1" }, request(line, ["Host: shop.example", ...headers]), 30_000);
  const get = (path: string, ...headers: string[]) => send(`GET ${path} HTTP/1.1`, ...headers);
  const headOf = (answer: string) => answer.split("\r\n\r\n")[0] ?? "";
  const heard = (answer: string) => JSON.parse(/\{[^]*\}/.exec(answer)?.[0] ?? "{}") as Partial<Heard>;

  test("/healthz is asked by Caddy's own words: no path of a stranger reaches the agent, and the reason stays inside", async () => {
    const pid = daemon.pid();
    for (const path of ["/healthz", "/healthz?x=//:y/..", "/healthz?reason=1"]) {
      const answer = await get(path);
      expect([path, statusOf(answer)]).toEqual([path, 503]);
      expect(answer).toMatch(/\{"status":"unhealthy"\}\n/);
      expect(answer).not.toContain("reason");
    }
    for (const path of ["//:x/../healthz", "/x/../healthz", "//healthz", "/./healthz", "/%68ealthz", "/HEALTHZ"]) {
      expect([path, statusOf(await get(path))]).toEqual([path, 404]);
    }
    expect(statusOf(await send("POST /healthz HTTP/1.1", "Content-Length: 0"))).toBe(405);
    expect(daemon.pid()).toBe(pid);
  });

  test.each([
    ["/AUTH/user/emailpass", "capitals in the first part"],
    ["/Store/products", "capitals in the first part"],
    ["/%61uth/user/emailpass", "a first part in disguise"],
    ["/a%75th/user/emailpass", "a first part in disguise"],
    ["//auth/user/emailpass", "an empty part"],
    ["/auth//user/emailpass", "an empty part"],
    ["/store/../auth/user/emailpass", "dots"],
    ["/store/%2e%2E/auth/user/emailpass", "dots in disguise"],
    ["/./auth/user/emailpass", "dots"],
    ["/store/..", "dots"],
    ["/auth%2Fuser/emailpass", "a slash in disguise"],
    ["/auth/user%2femailpass", "a slash in disguise"],
    ["/auth\\user\\emailpass", "a backslash"],
    ["/auth%5cuser", "a backslash in disguise"],
    ["/auth;x/user/emailpass", "a parameter of a part"],
    ["/auth/USER/emailpass", "capitals behind auth"],
    ["/auth/user/emailp%61ss", "a disguise behind auth"],
    ["/store/CARTS", "capitals in the API's second part"],
    ["/admin/%75ploads", "a disguise in the API's second part"],
    ["/admin/Uploads?x=1", "capitals in the API's second part"],
    ["http://shop.example/AUTH/user/emailpass", "capitals in a whole address"],
    ["/hooks%00/x", "a zero"],
  ])("%s is refused for %s before a rule can be dodged", async (path) => {
    const before = heard(await get("/store/products")).heard ?? 0;
    expect(statusOf(await send(`POST ${path} HTTP/1.1`, "Content-Length: 0"))).toBeOneOf([400, 404]);
    expect(heard(await get("/store/products")).heard).toBe(before + 1);
  });

  test.each([
    ["/", "storefront"],
    ["/fr/products/monstera?variant=A%2FB//..", "storefront"],
    ["/_next/static/chunks/AbC-1.js", "storefront"],
    ["/fr/search?q=Fougère".replace("è", "%C3%A8"), "storefront"],
    ["/fr/products/foug%C3%A8re", "storefront"],
    ["/authors", "storefront"],
    ["/store/carts/cart_01M8DVWMDWFDA05DM2ZS25ZMKT", "backend"],
    ["/store/products?q=A&fields=%2Bvariants.calculated_price", "backend"],
    ["/admin/products/prod_01M8DV?fields=*variants", "backend"],
    ["/app/assets/index-d-UCsZtc.js", "backend"],
    ["/auth/customer/emailpass", "backend"],
    ["/auth/user/google/callback?code=4%2F0Abc", "backend"],
    ["/hooks/payment/pp_system_default", "backend"],
  ])("%s goes to the %s as it is", async (path, service) => {
    expect(heard(await get(path))).toMatchObject({ service, url: path });
  });

  test("a zero byte in a query is refused before a service looks for it", async () => {
    const before = heard(await get("/store/products")).heard ?? 0;
    for (const path of ["/store/products?q=%00", "/store/products?a%00b=1", "/fr/search?q=a%00b", "/app?x=%00"])
      expect([path, statusOf(await get(path))]).toEqual([path, 400]);
    expect(heard(await get("/store/products?q=%2500")).heard).toBe(before + 1);
  });

  test("a method nobody needs is refused", async () => {
    for (const method of ["TRACE", "CONNECT", "PROPFIND", "X"]) {
      expect([method, statusOf(await send(`${method} / HTTP/1.1`))]).toEqual([method, expect.toBeOneOf([400, 405])]);
    }
  });

  test.each([
    ["/admin/uploads", 20_000_000],
    ["/store/x", 20_000_000],
    ["/fr", 1_000_000],
  ])("a body to %s that says it has %i bytes is refused before a service hears of it", async (path, bytes) => {
    const answer = await send(`POST ${path} HTTP/1.1`, `Content-Length: ${bytes}`, "Connection: close");
    expect([statusOf(answer), heard(answer)]).toEqual([413, {}]);
  });

  test("the origin header stays with Caddy, and so does every name a client gives itself", async () => {
    const { headers } = heard(await get("/store/x", "X-GreenLeaf-Origin: S", "X-Forwarded-Host: evil.example"));
    expect(headers).not.toHaveProperty("x-greenleaf-origin");
    expect(headers).toMatchObject({ "x-forwarded-host": "shop.example", "x-forwarded-proto": "https" });
    expect(heard(await get("/fr", "X-GreenLeaf-Origin: S")).headers).not.toHaveProperty("x-greenleaf-origin");
    expect(heard(await get("/media/a.png", "X-GreenLeaf-Origin: S")).headers).not.toHaveProperty("x-greenleaf-origin");
  });

  test("an upgrade reaches a service, and is not asked for again and again where the service ends the connection over it", async () => {
    const upgrade = ["Connection: keep-alive, Upgrade", "Upgrade: websocket"];
    expect(heard(await get("/fr/stream", ...upgrade)).headers).toMatchObject({ upgrade: "websocket" });
    const before = heard(await get("/fr")).heard ?? 0;
    expect(statusOf(await get("/fr/closes", ...upgrade))).toBe(503);
    // Caddy's own client asks a second time where its kept connection is closed.
    expect(heard(await get("/fr")).heard).toBeLessThanOrEqual(before + 3);
  });

  test.each(["-1", "zz", "FFFFFFFFFFFFFFFFF", `2;${"a".repeat(9_000)}`])(
    "a body of nonsense in chunks (%.20s) is told so, and not that the shop is closed",
    async (size) => {
      const head = request("POST /store/carts HTTP/1.1", ["Host: shop.example", "Transfer-Encoding: chunked"]);
      const answer = await exchange({ port: front.port, host: "127.0.0.1" }, `${head}${size}\r\n{}\r\n0\r\n\r\n`);
      expect([statusOf(answer), heard(answer)]).toEqual([400, {}]);
    },
  );

  test("a body that its sender breaks off is no fault of the node's in the log that judges it", async () => {
    // Whether Caddy hears first of the body's end or of the sender's is a race: a few senders see both.
    for (const ms of [100, 200, 300, 400, 500, 600]) {
      const head = request(`POST /fr/broken-off-${ms} HTTP/1.1`, ["Host: shop.example", "Content-Length: 100000"]);
      await exchange({ port: front.port, host: "127.0.0.1" }, head + "a".repeat(20_000), ms);
      const line = new RegExp(`"uri":"/fr/broken-off-${ms}"[^\\n]*"status":(\\d+)`);
      const [, status] = line.exec(await front.caddy.logged(line)) ?? [];
      expect(Number(status), String(ms)).toBeLessThan(500);
    }
  });

  describe("who asks", () => {
    const claims = ["X-GreenLeaf-Client: 6.6.6.6", "X-Forwarded-For: 6.6.6.6", "CF-Connecting-IP: 203.0.113.9"];
    const client = async (...headers: string[]) =>
      heard(await get("/auth/x", ...headers)).headers?.["x-greenleaf-client"];

    test("is the peer, whatever a client says of itself", async () => {
      const peer = await client();
      expect(peer).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(await client(...claims)).toBe(peer);
      for (const value of ["", "S", "x".repeat(40), "*", "{env.ORIGIN_HEADER}", `${ORIGIN}x`, `x${ORIGIN}`])
        expect([value, await client(...claims, `X-GreenLeaf-Origin: ${value}`)]).toEqual([value, peer]);
    });

    test("cannot be taken out of the request by a client that lists the name for the way alone", async () => {
      const peer = await client();
      for (const listed of [
        "X-GreenLeaf-Client",
        "close, x-greenleaf-client",
        "keep-alive, Upgrade, X-GreenLeaf-Client",
      ])
        expect([listed, await client(`Connection: ${listed}`, "Upgrade: websocket")]).toEqual([listed, peer]);
      expect(await client("Connection: keep-alive", "Connection: X-GreenLeaf-Client")).toBe(peer);
    });

    test("is whom Cloudflare names where the origin header is right", async () => {
      expect(await client(...claims, `X-GreenLeaf-Origin: ${ORIGIN}`)).toBe("203.0.113.9");
      expect(await client("X-Forwarded-For: 6.6.6.6", `X-GreenLeaf-Origin: ${ORIGIN}`)).toBe(await client());
    });
  });

  const SECURITY = ["x-content-type-options", "referrer-policy", "x-frame-options", "content-security-policy"];

  test.each(["/", "/store/x", "/app/", "/media/a.png", "/healthz", "/AUTH/x", "/media/missing.png"])(
    "%s carries the security headers and names no server",
    async (path) => {
      const head = headOf(await get(path)).toLowerCase();
      for (const name of SECURITY) expect([path, head.split(`\n${name}:`).length]).toEqual([path, 2]);
      expect(head).not.toMatch(/^(server|via|x-powered-by|x-amz-[^:]*):/m);
    },
  );

  test("the admin may run its own scripts, an answer of the API none, and neither may be framed by others", async () => {
    const policy = async (path: string) => /content-security-policy: (.*)/i.exec(headOf(await get(path)))?.[1] ?? "";
    expect(await policy("/app/")).toMatch(/script-src 'self';.*frame-ancestors 'self'/);
    expect(await policy("/app")).not.toMatch(/script-src[^;]*unsafe/);
    for (const path of ["/store/x", "/admin/x", "/auth/x"])
      expect(await policy(path)).toMatch(/^default-src 'none'.*frame-ancestors 'none'/);
  });

  test("a browser that came by https is told to come so again; one that did not is not", async () => {
    const hsts = async (...headers: string[]) =>
      /strict-transport-security: (.*)\r/i.exec(`${headOf(await get("/", ...headers))}\r`)?.[1];
    expect(await hsts()).toBeUndefined();
    expect(await hsts("X-Forwarded-Proto: http")).toBeUndefined();
    expect(await hsts("X-Forwarded-Proto: https")).toBe("max-age=31536000");
    expect(await hsts("X-Forwarded-Proto: http", 'CF-Visitor: {"scheme":"https"}')).toBe("max-age=31536000");
    expect(headOf(await get("/AUTH", "X-Forwarded-Proto: https"))).toMatch(/strict-transport-security/i);
  });

  describe("media", () => {
    test("an object is read, without a query or anybody's signature", async () => {
      const answer = await get(
        "/media/a/b.png?list-type=2&acl",
        "Authorization: AWS4 x",
        "X-Amz-Date: 1",
        "Cookie: a=b",
      );
      expect(heard(answer)).toMatchObject({ service: "aws", method: "GET", url: "/greenleaf-media/a/b.png" });
      const names = Object.keys(heard(answer).headers ?? {});
      expect(names.filter((name) => /^(authorization|cookie|x-amz-)/.test(name))).toEqual([]);
      expect(headOf(answer)).toMatch(/cache-control: public, max-age=31536000, immutable/i);
      expect(headOf(answer)).not.toMatch(/access-control/i);
    });

    test("a body that comes with a reading is refused by its length, and cut off without one", async () => {
      const before = heard(await get("/media/a.png")).heard ?? 0;
      for (const length of ["1", "0005", "500000000"])
        expect(statusOf(await send("GET /media/a.png HTTP/1.1", `Content-Length: ${length}`))).toBe(413);
      expect(heard(await get("/media/a.png")).heard).toBe(before + 1);
      const chunked = request("GET /media/a.png HTTP/1.1", ["Host: shop.example", "Transfer-Encoding: chunked"]);
      const body = `7d0\r\n${"x".repeat(2_000)}\r\n0\r\n\r\n`;
      expect(statusOf(await exchange({ port: front.port, host: "127.0.0.1" }, chunked + body))).toBe(413);
    });

    test.each(["/media/", "/media/?list-type=2", "/media/folder/", "/media//", "/media/../media/"])(
      "%s lists nothing",
      async (path) => {
        expect(statusOf(await get(path))).toBe(404);
      },
    );

    test("nothing is written, and a missing picture says nothing of the store", async () => {
      for (const method of ["PUT", "POST", "DELETE", "PATCH", "OPTIONS"]) {
        const answer = await send(
          `${method} /media/evil.html HTTP/1.1`,
          "Content-Type: text/html",
          "Content-Length: 0",
        );
        expect([method, statusOf(answer)]).toEqual([method, 405]);
      }
      const answer = await get("/media/missing.png");
      expect([statusOf(answer), answer.includes("greenleaf-media")]).toEqual([404, false]);
      expect(headOf(answer)).not.toMatch(/immutable/);
    });

    test.each(["evil.html", "evil.svg", "evil.js"])("%s runs nothing on the shop's origin", async (name) => {
      const head = headOf(await get(`/media/${name}`));
      expect(head).toMatch(/content-security-policy: sandbox;/i);
      expect(head).toMatch(/x-content-type-options: nosniff/i);
    });
  });

  describe("the admin's tables, which only a signed link opens", () => {
    const link = "/files/greenleaf-private/private/a.csv?X-Amz-Signature=s";

    test("a page reads and writes one file, and the store hears the name that was signed and nothing of the page", async () => {
      const page = ["Origin: http://localhost", "Cookie: a=b", "Sec-Fetch-Site: same-origin", "Authorization: x"];
      for (const method of ["GET", "PUT"]) {
        const answer = await send(`${method} ${link} HTTP/1.1`, ...page, "Content-Length: 0");
        const { url, headers = {}, ...rest } = heard(answer);
        expect(rest).toMatchObject({ service: "aws", method });
        expect([url, headers["host"]]).toEqual([link.slice("/files".length), "aws:4566"]);
        expect(Object.keys(headers).filter((name) => /^(origin|cookie|sec-|authorization)/.test(name))).toEqual([]);
        expect(headOf(answer)).toMatch(/content-security-policy: sandbox;/i);
        expect(headOf(answer)).not.toMatch(/access-control|immutable/i);
      }
    });

    test.each([
      ["GET", "/files/greenleaf-private/private/a.csv"],
      ["GET", "/files/greenleaf-media/a.png?X-Amz-Signature=s"],
      ["GET", "/files/greenleaf-private/?X-Amz-Signature=s"],
      ["PUT", "/files/greenleaf-media/private/a.png?X-Amz-Signature=s"],
    ])("%s %s opens nothing", async (method, path) => {
      expect(statusOf(await send(`${method} ${path} HTTP/1.1`, "Content-Length: 0"))).toBe(404);
    });

    test.each(["DELETE", "POST", "OPTIONS"])("%s is not for a link", async (method) => {
      expect(statusOf(await send(`${method} ${link} HTTP/1.1`, "Content-Length: 0"))).toBe(405);
    });
  });

  test("no origin header, token, cookie or key reaches the log, of an access or of an error", async () => {
    const secrets = [
      "X-GreenLeaf-Origin: CANARY-1",
      "Cookie: connect.sid=CANARY-2",
      "Authorization: Bearer CANARY-3",
      "X-Api-Key: CANARY-4",
      "Referer: https://shop.example/app/reset-password?token=CANARY-5",
    ];
    const paths = [
      "/app/reset-password?token=CANARY-6&email=a%40b.c",
      "/fr?invite=CANARY-7#CANARY-8",
      "/AUTH?token=CANARY-9",
      "/media/x.png?X-Amz-Signature=CANARY-10",
      "/healthz?token=CANARY-11",
      "/store/carts/cart_01M8DVWMDWCANARYCANARY123456/line-items",
      "/reset/d131dd02c5CANARYaff95c2fcab58712467eab",
      "/verify/eyJhbGciOiJIUzI1NiJ9-Qx_CANARY-kLm_N0pQrStUv",
      "/fr/plants/monstera-deliciosa-variegata-12-cm",
    ];
    for (const path of paths) await get(path, ...secrets);
    await front.services.kill();
    for (const path of ["/app/x?token=CANARY-12", "/fr?token=CANARY-13"]) {
      const answer = await get(path, ...secrets);
      expect(statusOf(answer)).toBe(503);
      expect(answer).toMatch(/^retry-after: 5\r$/im);
      expect(answer).toContain("<h1>The shop is closed for a moment</h1>");
    }
    expect(await get("/store/products", "Accept: application/json")).toMatch(/503 [^]*"type":"unavailable"/);
    await front.services.again();
    // The last request asked for: each line before it is there as well.
    const logs = await front.caddy.logged(/"uri":"\/store\/products"[^\n]*"status":503/);
    expect(logs).not.toMatch(/CANARY/);
    expect(logs).toMatch(/"uri":"\/app\/reset-password\?"/);
    expect(logs).toMatch(/"uri":"\/store\/carts\/cart_01M8DVWMDW\.\.\.\/line-items"/);
    expect(logs).toMatch(/"uri":"\/fr\/plants\/monstera-deliciosa-variegata-12-cm"/);
    expect(logs).toMatch(/"level":"error"/);
  });
});
