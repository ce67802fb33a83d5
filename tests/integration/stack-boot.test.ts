import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runAgent, startAgent } from "../support/agent-process.ts";
import { BOOT_PROJECT, type BootNode, bootNode, DATABASE_PASSWORD, MIGRATIONS } from "./boot-node.ts";
import { docker, removeProject } from "./compose-oracle.ts";
import { nodePerTest } from "./node-per-test.ts";

let node: BootNode;
nodePerTest((made) => (node = made));

type Ran = Awaited<ReturnType<typeof runAgent>>;

async function agent(command: string): Promise<Ran> {
  const ran = await runAgent(command, "--root", node.root, ...(command === "boot" ? ["--within", "20"] : []));
  // Every spelling of the password begins so.
  expect(`${ran.stdout}${ran.stderr}`).not.toContain(DATABASE_PASSWORD.slice(0, 6));
  return ran;
}

async function running(): Promise<string[]> {
  const filters = { label: [`com.docker.compose.project=${BOOT_PROJECT}`] };
  const listed = await docker.listContainers({ all: true, filters });
  return listed.map(({ Names, Status }) => `${Names[0]!.slice(1)} ${/healthy/.exec(Status)?.[0] ?? Status}`).sort();
}

const UP = [`${BOOT_PROJECT}-backend-1 healthy`, `${BOOT_PROJECT}-storefront-1 healthy`];
const at = (path: string): string => join(node.root, path);
const key = (): string | undefined => node.aws.parameters.get("/greenleaf/test/shop/publishable_key")?.value;

test("a plan of a fresh node tells every operation with its reason and changes nothing", async () => {
  const before = [...readdirSync(node.root, { recursive: true, encoding: "utf8" })].sort();
  const { code, stdout } = await agent("plan");
  expect(code).toBe(0);
  expect(stdout.split("\n")).toEqual([
    "release   unpack /var/lib/greenleaf/releases/one  (this release is not on the machine)",
    expect.stringMatching(
      /^release {3}place \/var\/lib\/greenleaf\/mounts\/\w{12} {2}\(this release mounts scripts\/.+\)$/,
    ),
    "render    write /run/greenleaf/backend.env  (new, 2 keys)",
    `first-run run job first-run  (the database does not record migrations ${MIGRATIONS.slice(0, 12)})`,
    `stack     create network ${BOOT_PROJECT}_default  (it does not exist)`,
    `stack     create container ${BOOT_PROJECT}-backend-1  (it does not exist)`,
    `stack     create container ${BOOT_PROJECT}-storefront-1  (it does not exist)`,
    `stack     start container ${BOOT_PROJECT}-backend-1  (it is new)`,
    `stack     start container ${BOOT_PROJECT}-storefront-1  (it is new)`,
    "",
  ]);
  expect([...readdirSync(node.root, { recursive: true, encoding: "utf8" })].sort()).toEqual(before);
  expect(await running()).toEqual([]);
});

test("a boot makes a node of a fresh machine; a second one finds nothing to do", async () => {
  const first = await agent("boot");
  expect(first).toMatchObject({ code: 0, stdout: "" });
  expect(first.stderr).toContain("first-run migrating postgres://[secret]:[secret]@postgres:5432/");
  expect(await running()).toEqual(UP);
  expect(key()).toBe("pk_made");
  expect(readFileSync(at("run/greenleaf/storefront.env"), "utf8")).toContain("PUBLISHABLE_KEY=pk_made");
  expect(JSON.parse(readFileSync(at("var/lib/greenleaf/status.json"), "utf8"))).toMatchObject({
    verdict: "ready",
    release: "one",
    services: ["backend", "storefront"],
  });
  const second = await agent("boot");
  expect(second.code).toBe(0);
  expect(second.stderr.match(/ [1-9]\d* operations/g)).toBeNull();
  expect(second.stderr).toContain("first-run done");
  expect((await agent("plan")).stdout).toBe("nothing to do\n");
  expect(readFileSync(join(node.marks, "migrations"), "utf8")).toBe(`${MIGRATIONS}\n`);
});

test("the first run is made again when its key is missing, though the database records the migrations", async () => {
  writeFileSync(join(node.marks, "migrations"), `${MIGRATIONS}\n`);
  const { code, stderr } = await agent("boot");
  expect(code).toBe(0);
  expect(stderr).toContain("run job first-run  (shop/publishable_key is missing)");
  expect(key()).toBe("pk_made");
});

test("a first run that fails stops the boot with its last words, and the next boot takes it up", async () => {
  writeFileSync(join(node.marks, "broken"), "");
  const failed = await agent("boot");
  expect(failed.code).toBe(69);
  expect(failed.stderr).toMatch(
    /the job first-run ended with code 1\nwhy: .*\n.*\[secret\].*\n.*the database is broken/,
  );
  expect(await running()).toEqual([]);
  rmSync(join(node.marks, "broken"));
  expect((await agent("boot")).code).toBe(0);
  expect(await running()).toEqual(UP);
});

test("while Parameter Store gives no answer the last release stays, and the verdict says degraded", async () => {
  const document = JSON.parse(readFileSync(at("etc/greenleaf/node.json"), "utf8"));
  writeFileSync(at("etc/greenleaf/node.json"), JSON.stringify({ ...document, release: "ssm:/greenleaf/test/release" }));
  const value = readFileSync(at("release.json"), "utf8");
  node.aws.parameters.set("/greenleaf/test/release", { value, type: "String" });
  expect((await agent("boot")).code).toBe(0);
  const environment = readFileSync(at("run/greenleaf/backend.env"), "utf8");
  await node.aws.close();
  const kept = await agent("boot");
  expect([kept.code, kept.stderr]).toEqual([2, expect.stringContaining("the last release is kept")]);
  expect(await running()).toEqual(UP);
  expect(readFileSync(at("run/greenleaf/backend.env"), "utf8")).toBe(environment);
  expect(JSON.parse(readFileSync(at("var/lib/greenleaf/status.json"), "utf8"))).toMatchObject({ verdict: "degraded" });
});

test("a new release replaces what it changes, keeps the one before and drops older ones", async () => {
  await agent("boot");
  node.publish({ id: "two", pack: (folder) => writeFileSync(join(folder, "scripts/note"), "two") });
  await agent("boot");
  node.publish({ id: "three", pack: (folder) => writeFileSync(join(folder, "scripts/note"), "three") });
  const { code, stderr } = await agent("boot");
  expect(code).toBe(0);
  expect(stderr).toContain("remove /var/lib/greenleaf/releases/one");
  expect(readdirSync(at("var/lib/greenleaf/releases"))).toEqual(["three", "two"]);
  const { Mounts } = await docker.getContainer(`${BOOT_PROJECT}-storefront-1`).inspect();
  expect(Mounts[0]?.Source.startsWith(at("var/lib/greenleaf/mounts/"))).toBe(true);
  expect(readFileSync(join(Mounts[0]?.Source ?? "", "note"), "utf8")).toBe("three");
});

test.each([
  [
    "signed by another key",
    { tamper: (document: object) => ({ ...document, migrations: "b".repeat(64) }) },
    "not signed by the key",
  ],
  ["of another archive", { document: { stack: { uri: "", sha256: "0".repeat(64) } } }, "not a valid release document"],
  [
    "with a link in it",
    { pack: (folder: string) => symlinkSync("/etc/passwd", join(folder, "env/passwd")) },
    "neither a file nor a folder",
  ],
  [
    "without a Compose file",
    { pack: (folder: string) => rmSync(join(folder, "docker-compose.yml")) },
    "it holds no docker-compose.yml",
  ],
  [
    "with a tag for an image",
    { tamper: (document: object) => ({ ...document, images: { backend: "nginx:latest" } }) },
    "images.backend",
  ],
] as const)("a release %s is refused before anything of it is used", async (_what, change, told) => {
  node.publish(change as never);
  const { code, stderr } = await agent("boot");
  expect(code).toBe(78);
  expect(stderr).toContain(told);
  expect(existsSync(at("var/lib/greenleaf/releases"))).toBe(false);
  expect(await running()).toEqual([]);
});

test("a release whose archive was changed behind it is refused", async () => {
  writeFileSync(at("stack-one.tar.gz"), "not the archive");
  const { code, stderr } = await agent("boot");
  expect({ code, told: stderr.includes("is not the archive of this release") }).toEqual({ code: 78, told: true });
});

test("a key outside the subset is told with file, line and column before the engine is asked for anything", async () => {
  node.publish({
    pack: (folder) => {
      const file = join(folder, "docker-compose.yml");
      writeFileSync(file, readFileSync(file, "utf8").replace("    command: [start]", "    privileged: true"));
    },
  });
  const { code, stderr } = await agent("boot");
  expect(code).toBe(78);
  expect(stderr).toContain("docker-compose.yml:14:5: services.backend.privileged: is not supported");
  expect(await running()).toEqual([]);
});

test("a second boot at the same time says so and leaves the first alone", async () => {
  const first = startAgent(["boot", "--root", node.root, "--within", "20"]);
  await once(first.child.stderr!, "data");
  const second = await agent("boot");
  expect(second.code).toBe(75);
  expect(second.stderr).toMatch(/another boot is under way\nwhy: .*process \d+ holds/);
  expect(await first.ended).toBe(0);
});

test("an agent killed with -9 at any edge of a phase leaves what the next boot makes right", async () => {
  const edges = ["release", "fetch", "render", "engine", "first-run", "stack"].map(
    (phase) => `${phase.padEnd(9)} done`,
  );
  const inside = [
    "unpack /var",
    "write /run/greenleaf/backend.env",
    "run job first-run",
    "migrating",
    "write parameter",
    "create container",
    "start container",
  ];
  for (const edge of [...edges, ...inside]) {
    await removeProject(BOOT_PROJECT);
    await node.close();
    node = await bootNode();
    node.publish();
    expect(await killedAt(edge), edge).toBe("SIGKILL");
    expect((await agent("boot")).code, edge).toBe(0);
    expect(await running(), edge).toEqual(UP);
    expect((await agent("plan")).stdout, edge).toBe("nothing to do\n");
  }
});

async function killedAt(edge: string): Promise<NodeJS.Signals | null> {
  const { child } = startAgent(["boot", "--root", node.root, "--within", "20"]);
  let told = "";
  child.stderr!.on("data", (chunk: string) => {
    told += chunk;
    if (told.includes(edge)) child.kill("SIGKILL");
  });
  const [, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal;
}

test("what another program left in the way of the release's folder is replaced", async () => {
  mkdirSync(at("var/lib/greenleaf/releases/one"), { recursive: true });
  writeFileSync(at("var/lib/greenleaf/releases/one/half"), "unpacked by a tool that died");
  expect((await agent("boot")).code).toBe(0);
  expect(existsSync(at("var/lib/greenleaf/releases/one/half"))).toBe(false);
});
