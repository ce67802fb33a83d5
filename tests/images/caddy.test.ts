import { chmod, cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findImage } from "../../scripts/images/engine.ts";
import { root } from "../../scripts/images/folders.ts";
import { Containers, removeFolder, sharedFolder } from "./containers.ts";

const isBuilt = (await findImage("greenleaf/caddy:local")) !== undefined;
if (!isBuilt) console.warn("skipped: greenleaf/caddy:local is not built; ./greenleaf images caddy builds it");

describe.skipIf(!isBuilt)("greenleaf/caddy and the probe of every image", () => {
  const containers = new Containers();
  const folders: string[] = [];
  afterAll(async () => {
    await containers.clear();
    await Promise.all(folders.map(removeFolder));
  });

  test("Caddy is healthy with the stack's own Caddyfile on a read-only root, whatever stands behind it", async () => {
    const folder = await sharedFolder();
    folders.push(folder);
    await mkdir(join(folder, "caddy"));
    await cp(join(root, "caddy"), join(folder, "caddy"), { recursive: true });
    await chmod(join(folder, "caddy"), 0o755);
    const caddy = await containers.start({
      image: "greenleaf/caddy:local",
      mounts: [`${join(folder, "caddy")}:/etc/caddy:ro`],
      flags: ["--read-only", "--tmpfs", "/tmp:mode=1777,size=16m"],
      port: 8080,
    });
    await caddy.healthy();
    expect(await caddy.logs()).not.toMatch(/"level":"error"/);
  });

  test("Caddy is 2.11 or newer", async () => {
    const caddy = await containers.start({ image: "greenleaf/caddy:local", command: ["caddy", "version"] });
    expect(await caddy.exited()).toBe(0);
    const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(await caddy.logged(/\d/)) ?? [];
    expect(Number(major) * 1_000 + Number(minor)).toBeGreaterThanOrEqual(2_011);
  });

  test("the probe tells 2xx from everything else, within three seconds", async () => {
    const program = `
      require("node:http").createServer((request, answer) => {
        if (request.url === "/hangs") return;
        answer.writeHead(Number(request.url.slice(1)) || 200).end("x".repeat(100000));
      }).listen(8000, "127.0.0.1");`;
    const node = await containers.start({
      image: "greenleaf/node:local",
      env: { HEALTH_URL: "http://127.0.0.1:8000/204" },
      flags: ["--read-only"],
      command: ["node", "-e", program],
    });
    await node.healthy();
    const code = async (...url: string[]) => (await node.run("/usr/bin/probe", ...url)).exitCode;
    const base = "http://127.0.0.1:8000";
    expect(await code()).toBe(0);
    for (const path of ["", "/200", "/299"]) expect([path, await code(`${base}${path}`)]).toEqual([path, 0]);
    for (const path of ["/302", "/404", "/500", "/503"])
      expect([path, await code(`${base}${path}`)]).toEqual([path, 1]);
    expect(await code("tcp://127.0.0.1:8000")).toBe(0);
    expect(await code("tcp://127.0.0.1:8001")).toBe(1);
    expect(await code("http://127.0.0.1:8001/")).toBe(1);
    expect(await code("http://no-such-name.invalid:80/")).toBe(1);
    for (const wrong of ["", "8000", "http://", "http://127.0.0.1/", `http://${"a".repeat(9000)}:1/`]) {
      expect([wrong, await code(wrong)]).toEqual([wrong, 1]);
    }
    expect(await code(`${base}/hangs`)).toBe(1);
  });

  test("an image that does not say what to ask is unhealthy", async () => {
    const node = await containers.start({
      image: "greenleaf/node:local",
      flags: ["--health-retries", "1"],
      command: ["node", "-e", "setInterval(() => {}, 1000)"],
    });
    const probed = await node.run("/usr/bin/probe");
    expect([probed.exitCode, probed.stderr]).toEqual([1, "probe: -: no URL given and HEALTH_URL is not set\n"]);
  });
});
