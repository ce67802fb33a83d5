import { execFile, execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";
import { type FakeStore, startFakeStore } from "./fake-store.ts";

const IMAGE = "greenleaf/storefront:local";
const NAME = `greenleaf-storefront-${process.pid}-${randomBytes(3).toString("hex")}`;
const KEY = `pk_${randomBytes(16).toString("hex")}`;

const docker = (...args: string[]) => spawnSync("docker", args, { encoding: "utf8" });
const reason =
  docker("image", "inspect", IMAGE).status === 0 ? undefined : `no image ${IMAGE}: ./greenleaf images storefront`;
const title = reason === undefined ? "the storefront image" : `the storefront image (${reason})`;

const run = promisify(execFile);

let store: FakeStore;
let url: string;

beforeEach(async () => {
  store = await startFakeStore(KEY);
});
afterEach(async () => {
  docker("rm", "--force", "--volumes", NAME);
  await store.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

function settings(port: number): Record<string, string> {
  return {
    PORT: String(port),
    HEALTH_URL: `http://127.0.0.1:${port}/healthz`,
    BACKEND_URL: store.url,
    PUBLISHABLE_KEY: KEY,
    MEDIA_URL: "https://media.example.com/shop",
    SHOP_TITLE: "Canopy & Sons",
    SHOP_COUNTRY: "fr",
    SHOP_URL: `http://127.0.0.1:${port}`,
  };
}

/** The container as compose/docker-compose.yml runs it, on the host's network so that it reaches the fake store. */
async function start(change: Readonly<Record<string, string>> = {}): Promise<void> {
  const port = await freePort();
  const environment = Object.entries({ ...settings(port), ...change }).flatMap(([key, value]) => [
    "--env",
    `${key}=${value}`,
  ]);
  const limits = [
    "--read-only",
    "--tmpfs=/tmp:mode=1777,size=64m",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges:true",
    "--memory=256m",
  ];
  execFileSync("docker", ["run", "--detach", `--name=${NAME}`, "--network=host", ...limits, ...environment, IMAGE]);
  url = `http://127.0.0.1:${port}`;
  const wait = { what: "the storefront", withinMs: 30_000, everyMs: 100, fix: `docker logs ${NAME}` };
  await until(systemClock, wait, async () => {
    const answer = await fetch(`${url}/healthz`).catch((error: Error) => error);
    return answer instanceof Error ? pending(answer.message) : done(answer.status);
  });
}

const ask = async (path: string, init?: RequestInit) => {
  const answer = await fetch(`${url}${path}`, { redirect: "manual", ...init });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

const logs = (): string => {
  const { stdout, stderr } = docker("logs", NAME);
  return stdout + stderr;
};

/** A line reaches the engine by a pipe, after the answer. */
const logged = async (line: string): Promise<string> =>
  until(systemClock, { what: line, withinMs: 30_000, everyMs: 100, fix: `docker logs ${NAME}` }, async () => {
    const log = logs();
    return log.includes(line) ? done(log) : pending(log.slice(-1_000));
  });

describe.skipIf(reason)(title, () => {
  test("shows what the backend sells under the names of its environment, and never as markup", async () => {
    await start();
    const { status, text } = await ask("/");
    expect(status).toBe(200);
    expect(text).toContain("Canopy &amp; Sons");
    expect(text).toContain("Fern &lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text).toContain("€12.50");
    expect(text).toContain('src="https://media.example.com/shop/fern-01M828TY1Z5CFCYZ1DWYQ2N5QH.svg"');
    expect(text).not.toContain("<script");
    const plant = await ask("/plants/fern");
    expect(plant.text).toContain("Green &amp; &lt;b&gt;fresh&lt;/b&gt;");
    expect(plant.text).toContain("Shade");
    expect(plant.text).not.toContain("[object");
  });

  test("a plant that is shared shows its name, its picture and where it is sold, in the page's language", async () => {
    await start();
    const { text } = await ask("/fr/plants/fern?utm=x");
    const told = Object.fromEntries(
      [...text.matchAll(/<meta property="(og:\w+)" content="([^"]*)"/g)].map(([, name, content]) => [name, content]),
    );
    expect(told).toMatchObject({
      "og:title": expect.stringMatching(/^Fern/),
      "og:type": "product",
      "og:url": expect.stringMatching(/\/fr\/plants\/fern$/),
      "og:locale": "fr_FR",
      "og:site_name": "Canopy &amp; Sons",
      "og:image": "https://media.example.com/shop/fern-01M828TY1Z5CFCYZ1DWYQ2N5QH.svg",
    });
  });

  test("CSS of the keeper's own comes after the shop's, under an address that changes with it", async () => {
    await start({ SHOP_THEME: ":root { --leaf: #7a2048 }" });
    for (const path of ["/", "/fr/plants/fern", "/nowhere"]) {
      const { text } = await ask(path);
      const sheets = [...text.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, href]) => href);
      expect(sheets.at(-1)).toMatch(/^\/theme\.css\?v=[0-9a-f]{12}$/);
      expect(sheets.filter((href) => href?.startsWith("/theme.css"))).toHaveLength(1);
      expect(sheets.length).toBeGreaterThan(1);
    }
    const [address = ""] = /\/theme\.css\?v=[0-9a-f]+/.exec((await ask("/")).text) ?? [];
    const css = await ask(address);
    expect([css.status, css.headers.get("content-type"), css.text]).toEqual([
      200,
      "text/css; charset=utf-8",
      ":root { --leaf: #7a2048 }",
    ]);
    expect(css.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect((await ask("/theme.css?v=000000000000")).headers.get("cache-control")).toBe("no-cache");
  });

  test("without CSS of the keeper's own no page names any, and its address is not found", async () => {
    await start();
    expect((await ask("/")).text).not.toContain("theme.css");
    expect((await ask("/theme.css")).status).toBe(404);
  });

  test("answers 503 with a page for people while the backend is away, stays alive, and recovers by itself", async () => {
    await start();
    store.status = 503;
    for (const path of ["/", "/plants/fern", "/checkout"]) {
      const away = await ask(path, { headers: { cookie: "greenleaf_cart=cart_1.2" } });
      expect([path, away.status, away.headers.get("retry-after")]).toEqual([path, 503, "5"]);
      expect(away.text).toContain("The shop is closed for a moment");
      expect(away.text).toContain("Canopy &amp; Sons");
    }
    const form = await ask("/api/cart/items", {
      method: "POST",
      body: new URLSearchParams({ variant: "v", quantity: "1" }),
    });
    expect([form.status, form.headers.get("location")]).toEqual([303, "/cart?notice=try-again"]);
    expect((await ask("/healthz")).status).toBe(200);
    expect(await ask("/readyz")).toMatchObject({ status: 503, text: "the backend answered 503\n" });
    store.status = undefined;
    const status = async (path: string) => (await ask(path)).status;
    await expect.poll(() => status("/"), { timeout: 60_000 }).toBe(200);
    expect(await status("/readyz")).toBe(200);
  });

  test("promises a mail only where one is sent", async () => {
    const pages = ["/account/forgotten", "/fr/account/forgotten?notice=reset-sent"];
    const read = () => Promise.all(pages.map(async (path) => (await ask(path)).text));
    await start();
    for (const text of await read()) expect(text).not.toMatch(/\/api\/account\/forgotten|on its way|en route/);
    docker("rm", "--force", NAME);
    await start({ MAIL_HOST: "mail.example.com" });
    const [asked, sent] = await read();
    expect(asked).toContain('action="/api/account/forgotten?language=en"');
    expect(sent).toContain("un e-mail avec un lien est en route");
  });

  test("keeps the shelves full while the backend restarts", async () => {
    await start();
    expect((await ask("/")).status).toBe(200);
    store.status = 502;
    await sleep(5500);
    const stale = await ask("/");
    expect([stale.status, stale.text.includes("€12.50")]).toEqual([200, true]);
    const plant = await ask("/plants/fern");
    expect([plant.status, plant.text.includes("€12.50")]).toEqual([200, true]);
    expect((await ask("/checkout", { headers: { cookie: "greenleaf_cart=cart_1.2" } })).status).toBe(503);
  });

  test("what the backend refuses is told, and is no empty shelf", async () => {
    await start();
    expect((await ask("/")).status).toBe(200);
    await logged("left out: GET /store/collections answered 404");
    expect((await ask("/categories/ferns")).status).toBe(500);
  });

  test("a key the backend does not know is our fault: 500 with a page, the reason in the log, the key nowhere", async () => {
    const wrong = `pk_${"0".repeat(30)}17`;
    await start({ PUBLISHABLE_KEY: wrong });
    const broken = await ask("/");
    expect(broken.status).toBe(500);
    expect(broken.text).toContain("Something went wrong");
    expect(broken.text).not.toContain("<script");
    expect((await logged("A valid publishable key is required")) + broken.text).not.toContain(wrong);
  });

  test("finishes a running request on SIGTERM, drops idle connections, and is gone after the last answer", async () => {
    await start();
    await ask("/");
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const idle = request(`${url}/healthz`, { agent }).end();
    const [answer] = (await once(idle, "response")) as [NodeJS.ReadableStream];
    answer.resume();
    store.delay = 1500;
    const slow = ask("/plants/slow");
    await sleep(300);
    // Not the synchronous form: the fake store answers from this very process.
    const stopped = run("docker", ["kill", "--signal=TERM", NAME]).then(() => run("docker", ["wait", NAME]));
    expect((await slow).status).toBe(404);
    await stopped;
    expect(docker("inspect", NAME, "--format={{.State.ExitCode}}").stdout.trim()).toBe("0");
    agent.destroy();
  });

  test("refuses to start without its settings: every name at once, no value, exit 78", () => {
    const refused = docker("run", "--rm", "--env", "BACKEND_URL=nonsense-value", "--env", "SHOP_COUNTRY=FRANCE", IMAGE);
    expect(refused.status).toBe(78);
    for (const name of ["BACKEND_URL", "PUBLISHABLE_KEY", "MEDIA_URL", "SHOP_TITLE", "SHOP_COUNTRY", "SHOP_URL"]) {
      expect(refused.stderr).toContain(name);
    }
    expect(refused.stdout + refused.stderr).not.toMatch(/nonsense-value|FRANCE/);
  });

  test("holds no source map, no build cache, no random key and no script for browsers", () => {
    docker("create", `--name=${NAME}`, IMAGE);
    const listed = spawnSync("sh", ["-c", `docker export ${NAME} | tar -t`], { encoding: "utf8", maxBuffer: 1 << 26 });
    const files = listed.stdout.split("\n").filter((file) => file.startsWith("app/"));
    expect(files).toContain("app/server/main.ts");
    expect(
      files.filter((file) => /\.map$|\.next\/cache|\.nft\.json$|node_modules\/(sharp|typescript|@img)\//.test(file)),
    ).toEqual([]);
    expect(files.filter((file) => /^app\/\.next\/static\/.*\.js$/.test(file))).toEqual([]);
    const manifest = spawnSync("sh", ["-c", `docker cp ${NAME}:/app/.next/prerender-manifest.json - | tar -xO`], {
      encoding: "utf8",
    });
    expect(JSON.parse(manifest.stdout)).not.toHaveProperty("preview");
  });
});
