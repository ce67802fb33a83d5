import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";
import { readApplication } from "../../scripts/images/own-storefront.ts";
import { buildImages } from "../../scripts/images.ts";
import { freePort } from "../support/agent-process.ts";
import { type FakeStore, startFakeStore } from "./fake-store.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const NPM = join(REPOSITORY, "node_modules/npm/bin");
const NAME = `greenleaf-own-storefront-${process.pid}-${randomBytes(3).toString("hex")}`;
const KEY = `pk_${randomBytes(16).toString("hex")}`;
/** Packages and a build, on a machine that has other things to do. */
const BUILD_MS = 1_200_000;

const docker = (...args: string[]) => spawnSync("docker", args, { encoding: "utf8" });
// What it stands on: the group's world has built it before.
const IMAGE = "greenleaf/node:local";
const reason = docker("image", "inspect", IMAGE).status === 0 ? undefined : `no image ${IMAGE}: ./greenleaf images`;
const title = reason === undefined ? "a storefront of docs/your-shop.md" : `docs/your-shop.md (${reason})`;

const page = readFileSync(join(REPOSITORY, "docs/your-shop.md"), "utf8");
/** What the page tells to type, or to write down. */
const block = (language: string, start = "") =>
  page.match(new RegExp(`^\`\`\`${language}\n(${start}[^]*?)^\`\`\``, "m"))?.[1] ?? "";

/** Somebody's application, made as the page says. */
function makeApplication(folder: string): string {
  const node = (program: string, ...args: string[]) =>
    execFileSync(process.execPath, [join(NPM, program), ...args], { cwd: folder, encoding: "utf8" });
  const [, ...command] = block("sh", "npx ").trim().split(/\s+/);
  node("npx-cli.js", "--yes", ...command, "--skip-install", "--disable-git");
  const application = join(folder, "my-storefront");
  const config = join(application, "next.config.mjs");
  const [option = ""] = /output: "standalone",/.exec(page) ?? [];
  writeFileSync(config, readFileSync(config, "utf8").replace(/^const nextConfig = \{$/m, `$&\n  ${option}`));
  writeFileSync(join(application, "app/page.js"), block("jsx"));
  writeFileSync(join(application, ".env.local"), "SECRET=of-this-machine\n");
  node("npm-cli.js", "install", "--package-lock-only", "--prefix", application);
  return application;
}

describe.skipIf(reason)(title, () => {
  let store: FakeStore;
  let image = "";
  let url = "";
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-your-shop-"));

  beforeAll(async () => {
    const storefront = await readApplication(makeApplication(folder));
    const { storefront: built } = await buildImages({ names: ["own-storefront"], storefront });
    image = built?.id ?? "";
    store = await startFakeStore(KEY);
    await start();
  }, BUILD_MS);
  afterAll(async () => {
    docker("rm", "--force", "--volumes", NAME);
    rmSync(folder, { recursive: true, force: true });
    await store?.close();
  });

  /** As compose/docker-compose.yml runs it, on the host's network so that it reaches the fake store. */
  async function start(): Promise<void> {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const settings = [
      `PORT=${port}`,
      `HEALTH_URL=${url}/healthz`,
      `BACKEND_URL=${store.url}`,
      `PUBLISHABLE_KEY=${KEY}`,
    ];
    const env = [...settings, "SHOP_TITLE=Canopy & Sons"].flatMap((each) => ["--env", each]);
    const limits = ["--read-only", "--tmpfs=/tmp:mode=1777,size=64m", "--cap-drop=ALL", "--memory=256m"];
    execFileSync("docker", ["run", "--detach", `--name=${NAME}`, "--network=host", ...limits, ...env, image]);
    const wait = { what: "the storefront", withinMs: 120_000, everyMs: 200, fix: `docker logs ${NAME}` };
    await until(systemClock, wait, async () => {
      const answer = await fetch(`${url}/healthz`).catch((error: Error) => error);
      return answer instanceof Error ? pending(answer.message) : done(answer.status);
    });
  }

  const logs = (): string => {
    const { stdout, stderr } = docker("logs", NAME);
    return stdout + stderr;
  };

  test("shows what the backend sells at each request, with scripts of its own and a policy that lets them run", async () => {
    const answer = await fetch(url);
    const text = await answer.text();
    expect(text).toMatch(/Canopy &amp; Sons(<!-- -->)?, my own/);
    expect(text).toMatch(/Fern &lt;script&gt;[^]*12\.5/);
    const [, script = ""] = /src="(\/_next\/static\/[^"]+\.js)"/.exec(text) ?? [];
    expect((await fetch(`${url}${script}`)).headers.get("content-type")).toMatch(/javascript/);
    expect(answer.headers.get("content-security-policy")).toMatch(
      /script-src 'self' 'unsafe-inline';.*object-src 'none'/,
    );
  });

  test("lives while the backend is away, and says that it is not ready", async () => {
    store.status = 503;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    store.status = undefined;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test("holds nothing that is of one machine alone, and runs as nobody in particular", () => {
    const listed = spawnSync("sh", ["-c", `docker export ${NAME} | tar -t`], { encoding: "utf8", maxBuffer: 1 << 26 });
    const files = listed.stdout.split("\n").filter((file) => file.startsWith("app/"));
    expect(files).toContain("app/server.js");
    expect(files.filter((file) => file.endsWith(".local"))).toEqual([]);
    expect(docker("inspect", image, "--format={{.Config.User}}").stdout).toMatch(/^10001\b/);
  });

  test("ends in peace, having missed no place to write", async () => {
    docker("stop", NAME);
    expect(docker("inspect", NAME, "--format={{.State.ExitCode}}").stdout.trim()).toBe("0");
    expect(logs()).not.toMatch(/EROFS|ENOENT|Error/);
  });

  test("refuses to start without a backend: the name, exit 78", () => {
    const refused = docker("run", "--rm", image);
    expect([refused.status, refused.stderr.includes("BACKEND_URL")]).toEqual([78, true]);
  });
});
