import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ConfigurationError,
  EXIT,
  PermissionError,
  TemporaryError,
  UnhealthyError,
} from "../../../node-agent/src/base/errors.ts";
import { COMPOSE, IMAGES, type MemoryNode, memoryNode } from "../../support/memory-node.ts";

let node: MemoryNode;
beforeEach(() => {
  node = memoryNode();
  node.publish();
});
afterEach(() => node.close());

const path = (name: string) => join(node.root, name);
const read = (name: string) => readFileSync(path(name), "utf8");
interface Told {
  readonly verdict: string;
  readonly reason?: { readonly what: string; readonly why: string; readonly fix?: string; readonly exitCode: number };
  readonly [field: string]: unknown;
}
const status = () => JSON.parse(read("var/lib/greenleaf/status.json")) as Told;
const BACKEND = "greenleaf-backend-1";
const CADDY = "greenleaf-caddy-1";
const calls = () => node.engine.calls.splice(0);

test("a first boot makes everything in order, is ready, and a second one finds nothing to do", async () => {
  const first = await node.boot();
  expect([first.code, first.error]).toEqual([0, undefined]);
  expect(first.operations).toEqual([
    "unpack /var/lib/greenleaf/releases/one",
    "write /run/greenleaf/backend.env",
    "write /run/greenleaf/caddy.env",
    "create network greenleaf_default",
    "create volume greenleaf_data",
    `create container ${BACKEND}`,
    `create container ${CADDY}`,
    `start container ${BACKEND}`,
    `start container ${CADDY}`,
  ]);
  expect(calls()).toEqual([
    "network greenleaf_default",
    "volume greenleaf_data",
    `create ${BACKEND}`,
    `create ${CADDY}`,
    `start ${BACKEND}`,
    `start ${CADDY}`,
  ]);
  expect(first.boot.results.map(({ phase }) => phase)).toEqual([
    "identify",
    "release",
    "fetch",
    "render",
    "engine",
    "pull",
    "first-run",
    "stack",
  ]);
  const second = await node.boot();
  expect([second.code, second.operations, calls()]).toEqual([0, [], []]);
  const notes = second.events.flatMap((event) => (event.kind === "phase-finished" ? [event.note] : []));
  expect(notes).toEqual([
    "app of prod, local in eu-west-3",
    "one of 2026-05-01T10:00:00Z",
    "2 parameters, 1 secrets",
    "2 files",
    "Docker 26.1, API 1.45",
    "every image is on this machine",
    "the database is up to date",
    "nothing to do",
  ]);
});

test("what is written is the node's alone, but what containers and people read", async () => {
  await node.boot();
  expect(read("run/greenleaf/backend.env")).toContain("a-secret-of-the-shop");
  const mode = (name: string) => (statSync(path(name)).mode & 0o777).toString(8);
  expect(mode("run/greenleaf/backend.env")).toBe("600");
  expect(mode("run/greenleaf/rendered.json")).toBe("600");
  expect(mode("var/lib/greenleaf/status.json")).toBe("644");
  expect(mode("var/lib/greenleaf/release.json")).toBe("644");
  expect(JSON.parse(read("run/greenleaf/rendered.json"))).toMatchObject({
    version: 1,
    at: "2026-05-02T00:00:00.000Z",
    files: { "backend.env": expect.stringMatching(/^[0-9a-f]{64}$/), "caddy.env": expect.any(String) },
  });
});

test("the status says who the node is, what it runs and how each phase went", async () => {
  await node.boot();
  expect(status()).toMatchObject({
    version: 1,
    verdict: "ready",
    node: { project: "greenleaf", environment: "prod", role: "app" },
    release: "one",
    services: ["backend", "caddy"],
  });
  const last = (await node.boot()).events.at(-1);
  expect(last).toEqual({ kind: "verdict", verdict: "ready", release: "one", ms: 0 });
});

test("the history has an entry for each boot that changed something, and none for the others", async () => {
  await node.boot();
  await node.boot();
  const lines = readFileSync(join(node.root, "var/lib/greenleaf/history.jsonl"), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ what: "boot", to: "one", result: "ready" }),
  ]);
});

test("a plan tells what a boot would do, and changes nothing at all", async () => {
  const { code, operations } = await node.boot("plan");
  expect([code, calls()]).toEqual([0, []]);
  expect(operations).toContain(`start container ${CADDY}`);
  expect(operations).toContain("write /run/greenleaf/backend.env");
  expect(existsSync(path("var"))).toBe(false);
  expect(existsSync(path("run/greenleaf/backend.env"))).toBe(false);
});

test("a value that changed is written, and only what reads it is replaced", async () => {
  await node.boot();
  calls();
  node.secrets.set("greenleaf/prod/api", "another-secret-of-it");
  const { operations, events } = await node.boot();
  expect(operations[0]).toBe("write /run/greenleaf/backend.env");
  const why = events.flatMap((event) => (event.kind === "operation" ? [event.why] : []))[0];
  expect(why).toContain("TOKEN");
  expect(JSON.stringify(events)).not.toContain("secret-of");
  expect(operations.some((name) => name.includes(BACKEND))).toBe(true);
  expect(operations.filter((name) => name.startsWith("create container") && name.includes("caddy"))).toEqual([]);
});

test("a file that others could read is written again, and one that nobody changed is not", async () => {
  await node.boot();
  chmodSync(path("run/greenleaf/backend.env"), 0o644);
  const { events, operations } = await node.boot();
  expect(operations).toEqual(["write /run/greenleaf/backend.env"]);
  expect(events).toContainEqual(expect.objectContaining({ why: "others could read it" }));
});

test("values that are missing are all named, and nothing is changed", async () => {
  node.parameters.clear();
  node.secrets.clear();
  const { error } = await node.boot();
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error).toMatchObject({ message: "fetch: 2 of 3 values are missing" });
  expect((error as ConfigurationError).problems.join("\n")).toMatch(/shop\/title[\s\S]*api/);
  expect(calls()).toEqual([]);
  expect(existsSync(path("run/greenleaf/backend.env"))).toBe(false);
  expect(status()).toMatchObject({ verdict: "failed", reason: { exitCode: EXIT.configuration } });
});

test("without an answer of AWS a node that ran keeps its environment, and says that it is degraded", async () => {
  await node.boot();
  calls();
  node.isAwsThere = false;
  const before = node.clock.now;
  const { code, operations, boot, events } = await node.boot();
  expect([code, operations, calls()]).toEqual([EXIT.degraded, [], []]);
  expect(boot.degraded).toMatch(
    /^AWS gave no answer \(last answer of \d+: no route to AWS; not read:\); the environment of 2026-05-02T00:00:00.000Z is kept$/,
  );
  expect(node.clock.now - before).toBeGreaterThanOrEqual(30_000);
  expect(node.clock.now - before).toBeLessThan(31_000);
  expect(status()).toMatchObject({
    verdict: "degraded",
    reason: { what: "the node runs on its last known good state", why: boot.degraded, exitCode: EXIT.degraded },
  });
  // What is secret in a kept file stays so.
  expect(boot.redact?.("x a-secret-of-the-shop y")).not.toContain("a-secret-of-the-shop");
  expect(JSON.stringify(events)).not.toContain("a-secret-of-the-shop");
});

test.each([
  ["was changed", () => writeFileSync(path("run/greenleaf/backend.env"), "TOKEN=x\n")],
  ["is of other templates", () => node.publish({ id: "two", template: "# greenleaf: reader=compose\nTITLE=1\n" })],
  ["is not recorded", () => writeFileSync(path("run/greenleaf/rendered.json"), "no JSON")],
])("an environment that %s is not kept: the boot fails for want of AWS", async (_, spoil) => {
  await node.boot();
  spoil();
  node.isAwsThere = false;
  const { error } = await node.boot();
  expect(error).toBeInstanceOf(TemporaryError);
  expect(error).toMatchObject({ message: expect.stringMatching(/^fetch: \d names could not be read within 30 s$/) });
  expect(status()).toMatchObject({ verdict: "failed", reason: { exitCode: EXIT.temporary } });
});

test("a release that is not signed by the node's key, or whose archive is another, is refused", async () => {
  writeFileSync(path("release.json"), read("release.json").replace('"one"', '"two"'));
  const { error } = await node.boot();
  expect(error).toMatchObject({ message: expect.stringContaining("is not signed by the key"), exitCode: 78 });
  node.publish({ id: "three" });
  const { stack } = JSON.parse(read("release.json")) as { stack: { uri: string } };
  writeFileSync(stack.uri.slice("file://".length), "another archive");
  const other = await node.boot();
  expect(other.error).toMatchObject({ message: expect.stringContaining("is not the archive of this release") });
  expect(existsSync(path("var/lib/greenleaf/release.json"))).toBe(false);
  expect(calls()).toEqual([]);
});

test("a node without a key, or with one that is none, trusts nobody", async () => {
  writeFileSync(path("etc/greenleaf/release.pub"), "no key");
  expect((await node.boot()).error).toMatchObject({ message: expect.stringContaining("is not an Ed25519 public key") });
});

test("the release before stays on the machine for a rollback, older ones go", async () => {
  const releases = () => readdirSync(path("var/lib/greenleaf/releases")).filter((name) => !name.startsWith("."));
  for (const id of ["one", "two"]) {
    node.publish({ id });
    await node.boot();
  }
  expect(releases()).toEqual(["one", "two"]);
  node.publish({ id: "three" });
  const { operations } = await node.boot();
  expect(operations).toContain("remove /var/lib/greenleaf/releases/one");
  expect(releases()).toEqual(["three", "two"]);
  // Booting the same one again must not cost the one before.
  await node.boot();
  expect(releases()).toEqual(["three", "two"]);
});

test("what a release mounts is placed by its content: another release with the same files leaves the container alone", async () => {
  const compose = COMPOSE.replace("ports:", 'volumes: ["${GREENLEAF_STACK}/caddy:/etc/caddy:ro"]\n    ports:');
  const publish = (id: string, caddyfile: string) =>
    node.publish({ id, compose, files: { "caddy/Caddyfile": caddyfile } });
  const mounted = () => readdirSync(path("var/lib/greenleaf/mounts"));
  publish("one", "the front");
  await node.boot();
  const [first = ""] = mounted();
  expect(read(`var/lib/greenleaf/mounts/${first}/Caddyfile`)).toBe("the front");
  calls();
  publish("two", "the front");
  const second = await node.boot();
  expect([second.code, second.operations, calls(), mounted()]).toEqual([
    0,
    ["unpack /var/lib/greenleaf/releases/two"],
    [],
    [first],
  ]);
  publish("three", "another front");
  expect((await node.boot("plan")).operations.slice(0, 2)).toEqual([
    "unpack /var/lib/greenleaf/releases/three",
    expect.stringMatching(/^place \/var\/lib\/greenleaf\/mounts\/[0-9a-f]{12}$/),
  ]);
  await node.boot();
  expect(calls()).toContain(`remove ${CADDY}`);
  expect(mounted()).toHaveLength(1);
  expect(mounted()).not.toEqual([first]);
  // Back to a release that is still there, without its archive.
  publish("two", "the front");
  expect((await node.boot()).code).toBe(0);
  expect(mounted()).toEqual([first]);
});

test("a folder that carries a release's name and was made from another archive is refused; one without its mark is replaced", async () => {
  await node.boot();
  node.publish({ template: "# greenleaf: reader=compose\nTITLE=other\n" });
  expect((await node.boot()).error).toBeInstanceOf(ConfigurationError);
  node.publish();
  const mark = path("var/lib/greenleaf/releases/one/.archive-sha256");
  chmodSync(mark, 0o644);
  writeFileSync(mark, JSON.parse(read("release.json")).stack.sha256 as string);
  expect((await node.boot()).error).toBeUndefined();
});

test("migrations that the database does not record are run before the stack, with their number, and cleaned up", async () => {
  node.recorded = false;
  const { operations, events } = await node.boot();
  expect(operations.slice(3, 4)).toEqual(["run job first-run"]);
  expect(events).toContainEqual(
    expect.objectContaining({ why: `the database does not record migrations ${"m".repeat(12)}` }),
  );
  const made = calls();
  expect(made.slice(0, 6)).toEqual([
    "network greenleaf_default",
    "volume greenleaf_data",
    "create greenleaf-first-run-run",
    "run greenleaf-first-run-run",
    "remove with volumes greenleaf-first-run-run",
    `create ${BACKEND}`,
  ]);
  // The key it made goes to the parameters, and into the files that wait for it.
  expect(node.parameters.get("/greenleaf/prod/shop/publishable_key")).toBe("pk_1");
  expect(operations).toContain("write parameter /greenleaf/prod/shop/publishable_key");
  expect(read("run/greenleaf/caddy.env")).toContain("pk_1");
});

test("the job is told which migrations it runs, and is no service", async () => {
  node.recorded = false;
  const bodies: Array<Record<string, unknown>> = [];
  const create = node.engine.create.bind(node.engine);
  node.engine.create = async (name, body, platform) => {
    if (name.endsWith("-run")) bodies.push(body as Record<string, unknown>);
    return create(name, body, platform);
  };
  await node.boot();
  expect(bodies).toHaveLength(1);
  expect(bodies[0]).toMatchObject({ Image: IMAGES.backend, Cmd: ["first-run"] });
  expect(bodies[0]?.Env).toContain(`RELEASE_MIGRATIONS=${"m".repeat(20)}`);
  expect(bodies[0]?.Labels).toMatchObject({ "com.docker.compose.oneoff": "True", "io.greenleaf.job": "first-run" });
});

test("a database that nobody vouches for is not called up to date", async () => {
  node.recorded = "unverified";
  const { operations, events } = await node.boot();
  expect(operations).toContain("run job first-run");
  expect(events).toContainEqual(
    expect.objectContaining({ why: expect.stringContaining("no CA of the agent's vouches") }),
  );
});

test("a shop whose key is missing is made again, and a key that is the same is not written", async () => {
  node.parameters.delete("/greenleaf/prod/shop/publishable_key");
  const { operations, events } = await node.boot();
  expect(events).toContainEqual(expect.objectContaining({ why: "shop/publishable_key is missing" }));
  expect(events).toContainEqual(
    expect.objectContaining({ note: "1 files; caddy.env waits for ssm shop/publishable_key" }),
  );
  expect(operations).toContain("write parameter /greenleaf/prod/shop/publishable_key");
  node.recorded = false;
  expect((await node.boot()).operations).toEqual(["run job first-run"]);
});

test("a job that fails ends the boot with its last lines, without what is secret, and is removed", async () => {
  node.recorded = false;
  const lines = Array.from({ length: 25 }, (_, index) => `line ${index} a-secret-of-the-shop`);
  node.engine.job = { exitCode: 3, stdout: "", stderr: lines };
  const { error } = await node.boot();
  expect(error).toBeInstanceOf(UnhealthyError);
  expect(error).toMatchObject({ message: "the job first-run ended with code 3" });
  const { problems } = error as UnhealthyError;
  expect([problems.length, problems[0]?.startsWith("line 5 ")]).toEqual([20, true]);
  expect(problems.join()).not.toContain("a-secret");
  expect(calls().at(-1)).toBe("remove with volumes greenleaf-first-run-run");
  node.engine.job = { exitCode: 1, stdout: "", stderr: [] };
  expect((await node.boot()).error).toMatchObject({ problems: ["it printed nothing"] });
});

test("a job left behind by a kill is removed before the next one", async () => {
  node.recorded = false;
  node.engine.refuses.set("remove with volumes greenleaf-first-run-run", new Error("killed"));
  await node.boot();
  node.engine.refuses.clear();
  calls();
  await node.boot();
  expect(calls().slice(0, 2)).toEqual([
    "remove with volumes greenleaf-first-run-run",
    "create greenleaf-first-run-run",
  ]);
});

test("routine lines of the job are told now and then, warnings always", async () => {
  node.recorded = false;
  const routine = (message: string) => JSON.stringify({ level: "info", message });
  const stderr = [routine("one"), routine("two"), JSON.stringify({ level: "warn", message: "three" }), "four"];
  node.engine.job = { ...node.engine.job, stderr };
  const { events } = await node.boot();
  expect(events.flatMap((event) => (event.kind === "progress" ? [event.message] : []))).toEqual([
    "one",
    "warn: three",
    "four",
  ]);
});

test("an image that is missing is pulled before anything that runs is touched", async () => {
  await node.boot();
  calls();
  const wanted = `registry.example/greenleaf/backend@sha256:${"c".repeat(64)}`;
  node.publish({ id: "two", images: { ...IMAGES, backend: wanted } });
  const { operations } = await node.boot();
  expect(operations).toContain(`pull image ${wanted}`);
  expect(calls()[0]).toBe(`pull ${wanted}`);
  expect((await node.boot()).operations).toEqual([]);
});

test("the registry's refusal ends the boot, and what ran goes on", async () => {
  await node.boot();
  calls();
  const wanted = `registry.example/greenleaf/backend@sha256:${"c".repeat(64)}`;
  node.engine.refuses.set(
    `pull ${wanted}`,
    new TemporaryError("pull", { code: "engine.away", why: "denied: no", fix: "none" }),
  );
  node.publish({ id: "two", images: { ...IMAGES, backend: wanted } });
  expect((await node.boot()).error).toBeInstanceOf(PermissionError);
  expect(calls()).toEqual([]);
});

test("services that do not become healthy are all named with their state and last lines, without secrets", async () => {
  node.engine.stands.set("backend", { health: "unhealthy", lastCheck: "said a-secret-of-the-shop" });
  const { error } = await node.boot();
  expect(error).toBeInstanceOf(UnhealthyError);
  expect(error).toMatchObject({
    message: "stack: backend is not healthy",
    problems: [expect.stringMatching(/^backend: it is unhealthy: said .*; its last lines:$/), `  | log of ${BACKEND}`],
  });
  expect((error as UnhealthyError).problems.join()).not.toContain("a-secret");
  // Caddy waits for it, and is not begun.
  expect(calls()).not.toContain(`start ${CADDY}`);
  expect(status()).toMatchObject({ verdict: "failed", reason: { exitCode: EXIT.unhealthy } });
});

test("a service that never becomes healthy ends the boot after its time, and early checks are asked meanwhile", async () => {
  node.engine.stands.set("caddy", { health: "starting" });
  const asked: string[] = [];
  node.engine.exec = async (container) => {
    asked.push(container);
    return 1;
  };
  const { error } = await node.boot();
  expect(error).toMatchObject({
    problems: [expect.stringContaining("its health is starting after 300 s"), expect.any(String)],
  });
  // The wait for the settled stack asks nothing of the container itself.
  expect(asked).toEqual([]);
});

test("what something waits for is asked by its own health command, twice a second", async () => {
  node.engine.stands.set("backend", { health: "starting" });
  const asked: number[] = [];
  node.engine.exec = async () => {
    asked.push(node.clock.now);
    if (asked.length < 3) return 1;
    node.engine.stands.delete("backend");
    return 0;
  };
  const began = node.clock.now;
  expect((await node.boot()).error).toBeUndefined();
  expect(asked.map((at) => at - began)).toEqual([200, 700, 1_200]);
});

test("an engine that goes away in the middle is waited for, and the boot goes on where it was, three times in all", async () => {
  node.engine.gone = 1;
  const { error, events } = await node.boot();
  expect(error).toBeUndefined();
  expect(events).toContainEqual(
    expect.objectContaining({ message: "the engine is being restarted; waiting for the engine, then going on" }),
  );
  const other = memoryNode();
  other.publish();
  other.engine.gone = 100;
  expect((await other.boot()).error).toMatchObject({ why: "the engine is being restarted" });
  expect(other.engine.gone).toBeGreaterThanOrEqual(94);
  other.close();
});

test("the first failure of the stack's plan is the one that is told, and what comes after it is not begun", async () => {
  node.engine.refuses.set(
    `create ${BACKEND}`,
    new TemporaryError("no room", { code: "engine.away", why: "disk", fix: "none" }),
  );
  const { error } = await node.boot();
  expect(error).toMatchObject({ message: "no room" });
  expect(calls().filter((call) => call.startsWith("start"))).toEqual([]);
});

test("a port that another program holds is told before anything is changed", async () => {
  node.holder = "nginx (pid 7)";
  const { error } = await node.boot();
  expect(error).toMatchObject({
    message: "stack: port 18999/tcp is taken",
    why: expect.stringContaining("nginx (pid 7) holds it, and service caddy needs it"),
  });
  expect(calls()).toEqual([]);
});

test("a boot that was killed is noticed by the next one", async () => {
  await node.boot();
  const killed = { ...status(), verdict: "booting", started: "2026-05-01T00:00:00.000Z" };
  writeFileSync(path("var/lib/greenleaf/status.json"), JSON.stringify(killed));
  const { events } = await node.boot();
  expect(events).toContainEqual({
    kind: "notice",
    message: "report    the boot of 2026-05-01T00:00:00.000Z was interrupted",
  });
});

test("a bug is told as one, and thrown on", async () => {
  node.engine.list = () => Promise.reject(new Error("a bug"));
  const { error } = await node.boot();
  expect(error).toMatchObject({ message: "a bug" });
  expect(status()).toMatchObject({
    verdict: "failed",
    reason: { what: "a bug", why: "a bug in greenleaf", exitCode: 70 },
  });
});

function namedByParameter(): void {
  const document = JSON.parse(read("etc/greenleaf/node.json")) as Record<string, unknown>;
  writeFileSync(
    path("etc/greenleaf/node.json"),
    JSON.stringify({ ...document, release: "ssm:/greenleaf/prod/release" }),
  );
}

test("a release that a parameter names is kept while AWS is silent, and the second question waits for less", async () => {
  namedByParameter();
  node.parameters.set("/greenleaf/prod/release", read("release.json"));
  expect((await node.boot()).code).toBe(0);
  calls();
  node.isAwsThere = false;
  const before = node.clock.now;
  const { code, boot } = await node.boot();
  expect([code, calls()]).toEqual([EXIT.degraded, []]);
  expect(boot.degraded).toMatch(
    /^Parameter Store gave no answer .* the last release is kept; AWS gave no answer .* is kept$/,
  );
  expect([boot.release?.id, Math.round((node.clock.now - before) / 1_000)]).toEqual(["one", 35]);
});

test("a node that never accepted a release has none to keep, and a parameter that is not there is told", async () => {
  namedByParameter();
  expect((await node.boot()).error).toMatchObject({ why: "there is no such parameter" });
  node.isAwsThere = false;
  expect((await node.boot()).error).toBeInstanceOf(TemporaryError);
});

test("a file's CA certificates count where the release gives the database none, and only there", async () => {
  await node.boot();
  writeFileSync(path("etc/greenleaf/database-ca.pem"), "of the file");
  await node.boot();
  const given = COMPOSE.replace("DATABASE_URL:", "DATABASE_CA_CERT: of the release, DATABASE_URL:");
  node.publish({ id: "two", compose: given });
  await node.boot();
  expect(node.authorities).toEqual(["", "of the file", "of the release"]);
});
