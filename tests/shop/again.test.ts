import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const SHOP = process.env.GREENLEAF_SHOP_URL ?? "http://localhost:8080";
const PROJECT = process.env.GREENLEAF_SHOP_PROJECT ?? "greenleaf";
const PORT = process.env.GREENLEAF_SHOP_PORT ?? "8080";
const REPOSITORY = join(import.meta.dirname, "..", "..");
const ROOT = `/var/lib/${PROJECT}-local`;

const greenleaf = (...args: string[]) =>
  spawnSync(join(REPOSITORY, "greenleaf"), [...args, "--project", PROJECT, "--port", PORT], { encoding: "utf8" });

const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();

const containersOf = (project: string): string =>
  docker("ps", "--quiet", "--no-trunc", "--filter", `label=com.docker.compose.project=${project}`);

/** Over a connection of its own: one kept alive from before led to the container that is gone. */
function freshPage(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => void text(response).then(resolve, reject)).on("error", reject);
  });
}

async function pictures(): Promise<string[]> {
  const page = await (await fetch(SHOP)).text();
  const paths = [...page.matchAll(/\/media\/[^"'\s)\\&?]+/g)].map((match) => match[0]);
  return [...new Set(paths)];
}

async function statuses(paths: readonly string[]): Promise<number[]> {
  return Promise.all(paths.map(async (path) => (await fetch(`${SHOP}${path}`)).status));
}

test("up again changes no container", () => {
  const before = containersOf(PROJECT);
  const again = greenleaf("up");
  expect(again.stderr).toContain("front page");
  expect(again.status).toBe(0);
  expect(containersOf(PROJECT)).toBe(before);
});

test("status says ready, and plan has no operation", () => {
  expect(greenleaf("status")).toMatchObject({ status: 0 });
  const plan = spawnSync(process.execPath, ["node-agent/src/main.ts", "plan", "--root", ROOT], {
    cwd: REPOSITORY,
    encoding: "utf8",
    env: { ...process.env, AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
  });
  expect({ status: plan.status, operations: plan.stderr.match(/ {2}\(/g) ?? [] }).toEqual({
    status: 0,
    operations: [],
  });
});

test("after the AWS stand-in was killed and started again, every picture and the admin's login are there", async () => {
  const paths = await pictures();
  expect(paths.length).toBeGreaterThanOrEqual(12);
  docker("kill", `${PROJECT}-local-aws-1`);
  docker("start", `${PROJECT}-local-aws-1`);
  expect(greenleaf("up")).toMatchObject({ status: 0 });
  expect(new Set(await statuses(paths))).toEqual(new Set([200]));
  const login = await fetch(`${SHOP}/auth/user/emailpass`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: process.env.GREENLEAF_ADMIN_EMAIL, password: process.env.GREENLEAF_ADMIN_PASSWORD }),
  });
  expect(login.status).toBe(200);
});

test("docker compose ps and exec work on what the agent started", () => {
  const listed = docker("compose", "--project-name", PROJECT, "ps", "--format", "{{.Service}} {{.Health}}")
    .split("\n")
    .sort();
  expect(listed).toEqual(["backend healthy", "caddy healthy", "storefront healthy", "worker healthy"]);
  expect(docker("compose", "--project-name", PROJECT, "exec", "-T", "storefront", "node", "--version")).toMatch(
    /^v24\./,
  );
});

test("docker compose brings the same stack up, and the agent takes it over again", async () => {
  const variables = ["--env-file", `${ROOT}/local/compose.env`];
  const up = spawnSync(
    "docker",
    ["compose", ...variables, "-f", "compose/docker-compose.yml", "up", "--wait", "--wait-timeout", "180"],
    {
      cwd: REPOSITORY,
      encoding: "utf8",
    },
  );
  expect({ status: up.status, tail: up.status === 0 ? "" : up.stderr.slice(-500) }).toEqual({ status: 0, tail: "" });
  expect(await freshPage(SHOP)).toMatch(/€/);
  expect(greenleaf("up")).toMatchObject({ status: 0 });
});

test("a second world on a taken port says who holds it, in three lines, with exit 78", () => {
  const name = `${PROJECT}-2`;
  const args = ["up", "--project", name, "--port", PORT];
  const second = spawnSync(join(REPOSITORY, "greenleaf"), args, { encoding: "utf8" });
  expect(second.status).toBe(78);
  const lines = second.stderr.split("\n").filter((line) => /^(error|why|fix):/.test(line));
  expect(lines.map((line) => line.split(":")[0])).toEqual(["error", "why", "fix"]);
  expect(lines[0]).toContain(PORT);
  expect(existsSync(`/var/lib/${name}-local`)).toBe(false);
});
