import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { commandNamed, parseCommandLine } from "../../node-agent/src/base/cli/parse.ts";
import { UsageError } from "../../node-agent/src/base/errors.ts";
import { parseNodeDocument } from "../../node-agent/src/core/config/node-document.ts";
import { OPERATOR } from "../cli/command.ts";
import { COMMANDS } from "../cli/commands.ts";
import { REPOSITORY } from "../docs/pages.ts";
import { down } from "../down.ts";
import { welcome } from "../up.ts";
import { shopOf } from "./bring-up.ts";
import { commandsFor, forWorld } from "./for-world.ts";
import { mustBeRoot } from "./must-be-root.ts";
import { worldOf } from "./options.ts";
import { nodeDocument } from "./release.ts";
import { type LocalWorld, localWorld } from "./world.ts";

const lineOf = (...argv: string[]) => parseCommandLine(OPERATOR, commandNamed(OPERATOR, COMMANDS, "down"), argv);
const PATHS = ["../../srv/victim", "..", ".", "/", "a/b", "a\0b", "a b", "a\n", "-x", "_x", "A", "é", "x".repeat(33)];

test.each(["", ...PATHS])("--project %j is no name, wherever it is given", (project) => {
  expect(() => localWorld({ project })).toThrow(UsageError);
  expect(() => worldOf(lineOf(`--project=${project}`))).toThrow(UsageError);
});

test("an option without its value is an error and not the default world", () => {
  expect(() => worldOf(lineOf("--project"))).toThrow(UsageError);
  expect(() => worldOf(lineOf("--project="))).toThrow(UsageError);
  expect(() => worldOf(lineOf("--port", ""))).toThrow(UsageError);
});

test.each(["", "0", "65001", "1e3", "0x50", " 80", "80 ", "-1", "8.5"])("--port %j is no port", (port) => {
  expect(() => localWorld({ port })).toThrow(UsageError);
});

const NAMES = ["shop2", "a", "0", "0a", "my_shop", "a-b_c", "a-", "a_", "x".repeat(32)];

test.each(NAMES)("a project may be called %s, and its node takes the document that says so", (project) => {
  const world = localWorld({ project });
  expect(world.root).toBe(`/var/lib/${project}-local`);
  const document = nodeDocument(world, { GREENLEAF_NETWORK: world.network });
  expect(parseNodeDocument(JSON.stringify(document), "node.json")).toEqual(document);
});

test.each(["", ...PATHS])("a node is of no project %j, as --project says", (project) => {
  const document = { ...nodeDocument(localWorld({}), {}), project };
  expect(() => parseNodeDocument(JSON.stringify(document), "node.json")).toThrow("not a valid node document");
});

test("what a failure of up tells to run is for the world it was called for", async () => {
  const fix = "see ./greenleaf logs backend, or start over with ./greenleaf down --purge --project roll";
  const failing = forWorld(localWorld({ project: "roll" }), () =>
    Promise.reject(new UsageError("x", { code: "program.failed", why: "y", fix })),
  );
  await expect(failing).rejects.toMatchObject({
    fix: "see ./greenleaf logs backend --project roll, or start over with ./greenleaf down --purge --project roll",
  });
  expect(commandsFor(localWorld({}), fix)).toBe(fix);
});

test("the shop listens on this machine alone unless an address is given", () => {
  expect(localWorld({}).listen).toBe("127.0.0.1");
  expect(localWorld({ listen: "0.0.0.0" }).listen).toBe("0.0.0.0");
});

test.each(["", "localhost", "256.0.0.1", "127.0.0.01", "10.0.0.0/24", "[::1]"])(
  "--listen %j is no address",
  (listen) => {
    expect(() => localWorld({ listen })).toThrow(UsageError);
  },
);

const ADDRESSES = /^ {2}(?:The shop|Its admin|Its mailbox|This node) .*$/gm;
const addressesOf = (world: LocalWorld) =>
  welcome(world, shopOf(world, { admin: { email: "admin@greenleaf.local", password: "…" } }), true).match(ADDRESSES);

test("up prints where the shop, its admin, its mailbox and the node are, as README shows it", () => {
  const printed = addressesOf(localWorld({}));
  expect(printed).toHaveLength(4);
  const readme = readFileSync(join(REPOSITORY, "README.md"), "utf8");
  expect(readme).toContain(printed?.map((line) => `    ${line}\n`).join(""));
});

test("the addresses of a second world follow its HTTP port", () => {
  expect(addressesOf(localWorld({ project: "roll", port: "18080" }))).toEqual([
    "  The shop        http://localhost:18080",
    "  Its admin       http://localhost:18080/app   admin@greenleaf.local   …",
    "  Its mailbox     http://127.0.0.1:18084/   every mail it sends",
    "  This node       http://127.0.0.1:18083/",
  ]);
});

test("what up prints in the end names the project and the port in every command", () => {
  const shop = {
    url: "http://localhost:18080",
    admin: { email: "a@b.c", password: "x" },
    page: "http://127.0.0.1/",
    mailbox: "",
  };
  const printed = welcome(localWorld({ project: "roll", port: "18080" }), shop, true);
  const commands = printed
    .split("\n")
    .flatMap((line) => /((?:sudo )?\.\/greenleaf \S+.*?|docker .*?) {2}/.exec(line)?.[1] ?? []);
  expect(commands).toEqual([
    "./greenleaf status --project roll --port 18080",
    "./greenleaf logs backend --project roll --port 18080",
    "docker compose -p roll ps",
    "sudo ./greenleaf down --project roll --port 18080",
  ]);
  expect(welcome(localWorld({}), shop, true)).not.toMatch(/--(project|port)/);
});

test("the admin's password is shown to a terminal; a log is told where it is kept", () => {
  const shop = {
    url: "http://localhost:8080",
    admin: { email: "a@b.c", password: "hunter2-hunter2" },
    page: "",
    mailbox: "",
  };
  const [terminal, log] = [true, false].map((isTerminal) => welcome(localWorld({}), shop, isTerminal));
  expect([terminal?.includes("hunter2"), log?.includes("hunter2")]).toEqual([true, false]);
  expect(log).toContain("/var/lib/greenleaf-local/local/credentials.json");
});

test.each(["up", "down"] as const)(
  "%s of somebody else than root is refused with what to type for this world",
  (command) => {
    const world = localWorld({ project: "roll", port: "18080" });
    const asked = (uid: number) => () => mustBeRoot(world, { command, why: "it must", uid });
    const fix = `run: sudo ./greenleaf ${command} --project roll --port 18080`;
    expect(asked(1000)).toThrow(expect.objectContaining({ exitCode: 77, code: "root.needed", fix }));
    expect(asked(0)).not.toThrow();
  },
);

test("down asks who it is before anything else", async () => {
  const uid = vi.spyOn(process, "getuid").mockReturnValue(1000);
  onTestFinished(() => uid.mockRestore());
  await expect(down(lineOf("--project", `nobodys-${process.pid}`))).rejects.toMatchObject({ code: "root.needed" });
});

test("up asks who it is before anything else", () => {
  const parts = ["../up.ts", "../../node-agent/src/base/errors.ts"].map((file) => join(import.meta.dirname, file));
  // A process that is nobody for good, and finds no program: where it is not refused, it can make nothing.
  const script = `
    const [{ up }, { exitCodeOf }] = await Promise.all(${JSON.stringify(parts)}.map((file) => import(file)));
    if (process.getuid() === 0) {
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
    }
    const line = { options: { project: "nobodys-${process.pid}", port: "18480" }, positionals: [] };
    const error = await up(line).catch((thrown) => thrown);
    console.log(error.code, exitCodeOf(error), error.fix);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
    env: { PATH: "/nowhere" },
  });
  const fix = `run: sudo ./greenleaf up --project nobodys-${process.pid} --port 18480`;
  expect([stdout, stderr]).toEqual([`root.needed 77 ${fix}\n`, ""]);
});
