import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { describeError } from "../../node-agent/src/base/errors.ts";
import { redactor } from "../../node-agent/src/core/config/redact.ts";
import { applyStack } from "../../node-agent/src/phases/stack/stack.ts";
import { freePort } from "../support/agent-process.ts";
import { hasCompose, noCompose } from "../support/has-compose.ts";
import { prefixReaper } from "../support/reaper.ts";
import { world } from "./agent-engine.ts";
import { BUSYBOX, busyboxImage } from "./busybox-image.ts";
import { docker, removeProject } from "./compose-oracle.ts";

const NAME = `gl-stk-${process.pid}`;
const PROJECT = `${NAME}-main`;
const OTHER = `${NAME}-other`;
const SECRET = "canary-hunter-22$&'";
const folder = mkdtempSync(join(tmpdir(), "greenleaf-stack-"));
const file = join(folder, "docker-compose.yml");
const reaper = prefixReaper(NAME);

beforeAll(() => void busyboxImage());
afterEach(async () => {
  for (const project of [PROJECT, OTHER]) await removeProject(project);
});
afterAll(async () => {
  await reaper.finish();
  rmSync(folder, { recursive: true, force: true });
});

const stays = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"];
const service = (more: object = {}): object => ({ image: BUSYBOX, command: stays, stop_grace_period: "1s", ...more });
const quick = { interval: "1s", timeout: "20s", retries: 2 };

interface Applied {
  operations: string[];
}

async function apply(compose: object, options: { project?: string; withinMs?: number } = {}): Promise<Applied> {
  const operations: string[] = [];
  const text = stringify(compose, { aliasDuplicateObjects: false });
  writeFileSync(file, text);
  await applyStack(
    {
      world,
      mode: "apply",
      redact: redactor([SECRET]),
      progress: () => undefined,
      tell: ({ name, why }) => operations.push(`${name} (${why})`),
      healthyWithinMs: options.withinMs ?? 20_000,
    },
    { file, text, project: options.project ?? PROJECT, variables: () => undefined },
  );
  return { operations };
}

async function failure(compose: object, options: { withinMs?: number } = {}): Promise<Error & { exitCode: number }> {
  try {
    await apply(compose, options);
  } catch (error) {
    return error as Error & { exitCode: number };
  }
  throw new Error("the stack came up");
}

async function idsOf(project: string): Promise<Record<string, string>> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  const listed = await docker.listContainers({ all: true, filters });
  return Object.fromEntries(listed.map(({ Names, Id }) => [Names[0]!.slice(1), Id]));
}

test("a stack comes up in order, secrets and all, and a second boot has nothing to do", async () => {
  writeFileSync(join(folder, "web.env"), `TOKEN="canary-hunter-22\\$&'"\n`);
  const compose = {
    services: {
      db: service({
        command: ["/bin/sh", "-c", "sleep 0.3; touch /tmp/ready; while :; do sleep 0.1; done"],
        healthcheck: { test: "test -f /tmp/ready", ...quick },
        volumes: ["data:/data"],
        init: true,
      }),
      job: service({ command: ["/bin/echo", "migrated"], depends_on: { db: { condition: "service_healthy" } } }),
      web: service({
        env_file: "web.env",
        command: ["/bin/sh", "-c", "echo $$TOKEN; while :; do sleep 0.1; done"],
        init: true,
        networks: ["default", "back"],
        depends_on: { job: { condition: "service_completed_successfully" } },
      }),
    },
    networks: { back: {} },
    volumes: { data: {} },
  };
  const { operations } = await apply(compose);
  const starts = operations.filter((operation) => operation.startsWith("start"));
  expect(starts.map((start) => start.split(" ")[2])).toEqual(
    ["db", "job", "web"].map((name) => `${PROJECT}-${name}-1`),
  );
  expect(operations.join()).not.toContain("canary");
  const second = await apply(compose);
  expect(second.operations).toEqual([]);
  const web = await docker.getContainer(`${PROJECT}-web-1`).inspect();
  expect(web.Config.Env).toContain(`TOKEN=${SECRET}`);
});

test.skipIf(!hasCompose)(`docker compose sees, logs, enters and lists what the agent made${noCompose}`, async () => {
  await apply({
    services: { web: service({ command: ["/bin/sh", "-c", "echo hello; while :; do sleep 0.1; done"], init: true }) },
  });
  const compose = (...args: string[]) =>
    execFileSync("docker", ["compose", "-p", PROJECT, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  expect(JSON.parse(compose("ps", "--format", "json"))).toMatchObject({ Service: "web", State: "running" });
  await expect.poll(() => compose("logs", "--no-color"), { timeout: 30_000 }).toContain("hello");
  expect(compose("exec", "-T", "web", "echo", "inside").trim()).toBe("inside");
  const listed = JSON.parse(
    execFileSync("docker", ["compose", "ls", "--format", "json"], { encoding: "utf8" }),
  ) as Array<{ Name: string; ConfigFiles: string }>;
  expect(listed.find(({ Name }) => Name === PROJECT)).toMatchObject({ ConfigFiles: file });
  execFileSync("docker", ["compose", "-p", PROJECT, "down", "-t", "1"], { stdio: "ignore" });
  expect(await idsOf(PROJECT)).toEqual({});
});

test("only what changed is replaced, only our own orphans go, and a volume nobody named keeps its data", async () => {
  const db = service({ volumes: ["/kept"] });
  await apply({ services: { db, web: service(), gone: service() } });
  await apply({ services: { web: service() } }, { project: OTHER });
  const [before, other] = [await idsOf(PROJECT), await idsOf(OTHER)];
  execFileSync("docker", ["exec", `${PROJECT}-db-1`, "touch", "/kept/data"]);
  const changed = service({ volumes: ["/kept"], environment: { CHANGED: "yes" } });
  const { operations } = await apply({ services: { db: changed, web: service() } });
  expect(
    operations.some(
      (operation) =>
        operation ===
        `create container ${before[`${PROJECT}-db-1`]!.slice(0, 12)}_${PROJECT}-db-1 (changed: environment CHANGED)`,
    ),
  ).toBe(true);
  const after = await idsOf(PROJECT);
  expect(Object.keys(after).sort()).toEqual([`${PROJECT}-db-1`, `${PROJECT}-web-1`]);
  expect(after[`${PROJECT}-web-1`]).toBe(before[`${PROJECT}-web-1`]);
  expect(after[`${PROJECT}-db-1`]).not.toBe(before[`${PROJECT}-db-1`]);
  expect(
    execFileSync("docker", ["exec", `${PROJECT}-db-1`, "/bin/busybox", "ls", "/kept"], { encoding: "utf8" }).trim(),
  ).toBe("data");
  expect(await idsOf(OTHER)).toEqual(other);
});

test("what does not become healthy is told with its state and its last words, without a secret", async () => {
  const compose = {
    services: {
      sick: service({
        environment: { TOKEN: SECRET.replaceAll("$", () => "$$") },
        command: ["/bin/sh", "-c", "for i in 1 2 3; do echo line $$i $$TOKEN; done; while :; do sleep 0.1; done"],
        healthcheck: { test: "echo no database $$TOKEN; exit 1", ...quick },
      }),
      ended: service({ command: ["/bin/sh", "-c", "echo cannot read the key >&2; exit 3"] }),
      waiting: service({ depends_on: { sick: { condition: "service_healthy" } } }),
    },
  };
  const error = await failure(compose);
  const told = describeError(error);
  expect(error.exitCode).toBe(69);
  expect(told).toContain("sick: it is unhealthy: no database [secret]");
  expect(told).toContain("| line 3 [secret]");
  expect(told).not.toContain("hunter");
  const gone = await failure({
    services: { ended: service({ command: ["/bin/sh", "-c", "echo cannot read the key >&2; exit 3"] }) },
  });
  expect(describeError(gone)).toMatch(/ended: it ended with code 3; its last lines:\n.*\| cannot read the key/);
});

test("a service that only ever starts is told when its time is over", async () => {
  const compose = {
    services: { slow: service({ healthcheck: { test: "exit 1", interval: "1s", start_period: "60s" } }) },
  };
  const error = await failure(compose, { withinMs: 1_500 });
  expect(describeError(error)).toContain("slow: its health is starting after 1.5 s");
  expect(error.exitCode).toBe(69);
});

test("a taken port is told with who holds it, before anything is changed", async () => {
  const port = await freePort();
  const holder = createServer().listen(port, "0.0.0.0");
  const compose = { services: { web: service({ ports: [`${port}:80`] }) } };
  try {
    const told = describeError(await failure(compose));
    expect(told.split("\n")).toHaveLength(3);
    expect(told).toContain(`port ${port}/tcp is taken`);
    expect(told).toContain(`(process ${process.pid}) holds it, and service web needs it; nothing was changed`);
    expect(await idsOf(PROJECT)).toEqual({});
  } finally {
    holder.close();
  }
  await apply({ services: { web: service({ ports: [`${port}:80`] }) } }, { project: OTHER });
  expect(describeError(await failure(compose))).toContain(`container ${OTHER}-web-1 holds it`);
  expect(
    (await apply({ services: { web: service({ ports: [`${port}:80`] }) } }, { project: OTHER })).operations,
  ).toEqual([]);
});

test("a port moves from one service to another in one boot", async () => {
  const port = await freePort();
  await apply({ services: { old: service({ ports: [`${port}:80`] }), web: service() } });
  const { operations } = await apply({ services: { web: service({ ports: [`${port}:80`] }) } });
  expect(operations.at(-1)).toContain("rename container");
  expect((await apply({ services: { web: service({ ports: [`${port}:80`] }) } })).operations).toEqual([]);
});

test("what the machine lacks is told all at once, before anything is changed", async () => {
  const compose = {
    services: {
      web: service({ image: `sha256:${"0".repeat(64)}`, networks: ["shared"], volumes: ["data:/data"] }),
      never: service({ image: "greenleaf-test/none:1", pull_policy: "never" }),
    },
    networks: { shared: { name: `${NAME}-none`, external: true } },
    volumes: { data: { external: true } },
  };
  const error = await failure(compose);
  expect(error).toMatchObject({ exitCode: 78, problems: { length: 4 } });
  expect(await idsOf(PROJECT)).toEqual({});
});

test("a stopped, a paused and a removed container are made right again", async () => {
  const lasting = service({ restart: "always" });
  const compose = { services: { a: lasting, b: lasting, c: lasting } };
  await apply(compose);
  execFileSync("docker", ["stop", "-t", "1", `${PROJECT}-a-1`], { stdio: "ignore" });
  execFileSync("docker", ["pause", `${PROJECT}-b-1`], { stdio: "ignore" });
  execFileSync("docker", ["rm", "-f", `${PROJECT}-c-1`], { stdio: "ignore" });
  const { operations } = await apply(compose);
  expect(operations.sort()).toEqual([
    `create container ${PROJECT}-c-1 (it does not exist)`,
    `restart container ${PROJECT}-b-1 (it is paused)`,
    `start container ${PROJECT}-a-1 (it ended with code 0)`,
    `start container ${PROJECT}-c-1 (it is new)`,
  ]);
  expect((await apply(compose)).operations).toEqual([]);
});
