import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandHelp } from "../../node-agent/src/base/cli/help.ts";
import { AGENT } from "../../node-agent/src/cli/command.ts";
import { COMMANDS as AGENT_COMMANDS } from "../../node-agent/src/cli/commands.ts";
import { OPERATOR } from "./command.ts";
import { COMMANDS } from "./commands.ts";

const SCRIPTS = join(import.meta.dirname, "..");
const run = (...args: string[]) =>
  spawnSync(process.execPath, [join(SCRIPTS, "greenleaf.ts"), ...args], { encoding: "utf8" });

test.each(COMMANDS.map(({ name }) => name))("%s: a mistyped option is a usage error that shows the usage", (name) => {
  const { status, stderr } = run(name, "--jsn-not-there");
  expect(stderr).toContain("there is no option --jsn-not-there");
  expect(stderr).toContain(`usage: ./greenleaf ${name}`);
  expect(status).toBe(64);
});

test("--help of every command names each of its options", () => {
  for (const command of COMMANDS)
    for (const option of Object.keys(command.options ?? {}))
      expect(commandHelp(OPERATOR, command)).toMatch(new RegExp(`^  --${option}[ |]`, "m"));
});

test("an option that the code reads stands in the table", () => {
  const known = new Set(COMMANDS.flatMap(({ options = {} }) => Object.keys(options)));
  const read = globSync("{*,local/*,test/*}.ts", { cwd: SCRIPTS }).flatMap((file) =>
    [...readFileSync(join(SCRIPTS, file), "utf8").matchAll(/(?:textOf|isSet)\(line, "([^"]+)"\)/g)].map(
      ([, name = ""]) => name,
    ),
  );
  expect(read.length).toBeGreaterThan(10);
  expect(read.filter((name) => !known.has(name))).toEqual([]);
});

test("both programs have each command once, with an example", () => {
  for (const commands of [COMMANDS, AGENT_COMMANDS]) {
    const names = commands.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(commands.filter(({ examples }) => examples.length === 0)).toEqual([]);
  }
});

test("--version prints the version, and a near command is suggested", () => {
  expect(run("--version").stdout).toBe(`greenleaf ${AGENT.version}\n`);
  const { status, stderr } = run("stats");
  expect(stderr).toContain("did you mean status?");
  expect(status).toBe(64);
});

test("a bench group that is not there is refused with those that are", () => {
  const groups = globSync("*.bench.ts", { cwd: join(SCRIPTS, "../tests/bench") }).map((file) => file.split(".")[0]);
  expect(groups.length).toBeGreaterThan(2);
  const { status, stdout, stderr } = run("bench", "nope");
  expect([status, stdout]).toEqual([64, ""]);
  expect(stderr).toContain('there is no bench group "nope"');
  for (const group of groups) expect(stderr).toContain(group);
});

test("which mutants are drawn is said with the command, and reaches the bench", () => {
  const one = ["bench", "mutants", "scripts/cost/busier.ts", "--count", "0"];
  const { status, stdout } = run(...one, "--seed", "7", "--workers", "1");
  expect([status, stdout]).toEqual([0, expect.stringMatching(/busier\.ts: 0 of \d+ mutants \(seed 7\)/)]);
});

test.each([
  [["rollout", "--rounds", "0"]],
  [["rollout", "--rounds", "ten"]],
  [["config", "--rounds", "10"]],
  [["--rounds", "10"]],
])("bench %j is refused before anything is measured", (args) => {
  const { status, stdout, stderr } = run("bench", ...args);
  expect([status, stdout]).toEqual([64, ""]);
  expect(stderr).toMatch(/^why: +it is a number from 1 to 99999, for rollout$/m);
});

test.each([
  [["prod", "--canary"], "usage.deploy"],
  [["--canary"], "usage.deploy"],
  [["prod", "R", "--watch-seconds", "60"], "usage.canary"],
  [["prod", "R", "--canary", "--watch-seconds", "0"], "usage.canary"],
  [["prod", "R", "--canary", "--watch-requests", "many"], "usage.canary"],
])("deploy %j is refused before AWS is asked", (args, code) => {
  const { status, stderr } = run("deploy", ...args);
  const fix = code === "usage.canary" ? "--canary --watch-seconds 600" : "./greenleaf deploy prod RELEASE";
  expect([status, stderr.includes(fix)]).toEqual([64, true]);
});

test("an agent's archive is made for a key alone, and how to make one is said", () => {
  const { status, stdout, stderr } = run("agent-archive");
  expect([status, stdout]).toEqual([64, ""]);
  expect(stderr).toContain("fix:   openssl genpkey -algorithm ed25519 -out release.key, then --key release.key");
});
