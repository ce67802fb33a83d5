import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watchdogFeed } from "../../node-agent/src/adapters/machine/systemd-notify.ts";
import { EXIT } from "../../node-agent/src/base/errors.ts";
import { startAgent } from "../support/agent-process.ts";

const AGENT = join(import.meta.dirname, "..", "..", "node-agent");
const MAIN = join(AGENT, "src", "main.ts");
const LEFT_OPEN = 'data:text/javascript,import{createServer}from"node:net";createServer().listen(0,"127.0.0.1")';

test("the process ends with its work, whatever is left open, and all it printed is there", async () => {
  const agent = startAgent(["--help"], ["--import", LEFT_OPEN, MAIN]);
  expect(await agent.ended).toBe(0);
  expect(agent.stdout()).toMatch(/^greenleaf-agent[^]*\n$/);
  const wrong = startAgent(["serv"], ["--import", LEFT_OPEN, MAIN]);
  expect(await wrong.ended).toBe(64);
  expect(wrong.stderr()).toMatch(/fix: .*\n$/);
});

test.each([
  ["the agent", [MAIN, "--help"]],
  ["the operator's program", [join(AGENT, "..", "scripts", "greenleaf.ts"), "--help"]],
])("%s whose output finds no room fails, and says so once", (_, words) => {
  const full = openSync("/dev/full", "w");
  onTestFinished(() => closeSync(full));
  const { status, stderr } = spawnSync(process.execPath, words, { stdio: ["ignore", full, "pipe"], encoding: "utf8" });
  expect(stderr.match(/^error: .*$/gm)).toEqual(["error: the machine is short of something"]);
  expect(status).toBe(75);
});

test.each([
  ["the agent", MAIN],
  ["the operator's program", join(AGENT, "..", "scripts", "greenleaf.ts")],
])("%s goes on to its own end when nobody reads its output or its errors any more", async (_, program) => {
  for (const [words, code] of [
    [["--help"], 0],
    [["bogus"], 64],
  ] as const) {
    const left = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    left.stdout.destroy();
    left.stderr.destroy();
    expect((await once(left, "exit"))[0], words.join(" ")).toBe(code);
  }
});

/** Throws what nobody catches as soon as the agent has said what is to become of that. */
const lost = (error: string) =>
  `data:text/javascript,${encodeURIComponent(`
    const on = process.on;
    process.on = function (event, listener) {
      if (event === "unhandledRejection") queueMicrotask(() => { throw ${error}; });
      return on.call(this, event, listener);
    };`)}`;

test.each([
  [
    "--log=json",
    'new Error("lost")',
    { code: "bug", what: "lost", exitCode: 70, stack: expect.stringContaining("lost") },
  ],
  [
    "--log json",
    'Object.assign(new Error("full"), { code: "ENOSPC", syscall: "write" })',
    { code: "machine.short", exitCode: 75 },
  ],
])("with %s an error that nobody caught is one event, as every other line", async (log, error, told) => {
  const agent = startAgent(["serve", ...log.split(" ")], ["--import", lost(error), MAIN]);
  expect(await agent.ended).toBe(told.exitCode);
  expect(JSON.parse(agent.stderr())).toMatchObject({ kind: "error", ...told });
});

test("without it an error that nobody caught is told in words", async () => {
  const agent = startAgent(["serve"], ["--import", lost('new Error("lost")'), MAIN]);
  expect(await agent.ended).toBe(70);
  expect(agent.stderr()).toMatch(/^error: lost\nwhy: /);
});

test("status says unknown, as JSON where asked, when something else lies where its document belongs", async () => {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-status-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "var/lib/greenleaf/status.json"), { recursive: true });
  const agent = startAgent(["status", "--json", "--root", root]);
  expect(await agent.ended).toBe(69);
  expect(JSON.parse(agent.stdout())).toEqual({ verdict: "unknown", exitCode: 69, isUnreadable: true });
});

test("systemd's watchdog is fed by its own program, inside of a unit that has one", async () => {
  const run: Array<readonly string[]> = [];
  const exec = async (argv: readonly string[]) => {
    run.push(argv);
    return { code: 0, stdout: "", stderr: "" };
  };
  expect(watchdogFeed(exec, {})).toBeUndefined();
  expect(watchdogFeed(exec, { NOTIFY_SOCKET: "/run/systemd/notify" })).toBeUndefined();
  await watchdogFeed(exec, { NOTIFY_SOCKET: "/run/systemd/notify", WATCHDOG_USEC: "60000000" })?.();
  expect(run).toEqual([["systemd-notify", "WATCHDOG=1"]]);
});

test("the unit hears a child of the agent, kills what hangs and keeps no core", () => {
  const unit = readFileSync(join(AGENT, "systemd", "greenleaf-agent.service"), "utf8");
  for (const line of [
    "WatchdogSec=60",
    "WatchdogSignal=SIGKILL",
    "NotifyAccess=all",
    "LimitCORE=0",
    "Restart=always",
  ]) {
    expect(unit.split("\n")).toContain(line);
  }
});

const rising = (a: number, b: number): number => a - b;

/** What a verdict of a boot means to systemd; every exit code has its place. */
const VERDICTS = {
  success: [EXIT.ready, EXIT.degraded],
  again: [EXIT.unhealthy, EXIT.temporary],
  final: [EXIT.usage, EXIT.bug, EXIT.denied, EXIT.configuration],
};

test("the boot's unit tries again what a retry can fix, for as long as it takes, and nothing else", () => {
  const unit = readFileSync(join(AGENT, "systemd", "greenleaf-boot.service"), "utf8");
  const given = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1];
  const codes = (name: string) => given(name)?.split(" ").map(Number).toSorted(rising);
  expect(codes("SuccessExitStatus")).toEqual(VERDICTS.success.filter((code) => code !== 0));
  expect(codes("RestartPreventExitStatus")).toEqual(VERDICTS.final.toSorted(rising));
  expect([given("Restart"), given("StartLimitIntervalSec")]).toEqual(["on-failure", "0"]);
  expect(Object.values(VERDICTS).flat().toSorted(rising)).toEqual(Object.values(EXIT).toSorted(rising));
});

const settingOf = (unit: string, name: string): string =>
  new RegExp(`^${name}=(.*)$`, "m").exec(readFileSync(join(AGENT, "systemd", unit), "utf8"))?.[1] ?? "";

// What compilers keep is a tenth of a router's memory.
test("the daemon runs without Node's compilers", () => {
  const argv = settingOf("greenleaf-agent.service", "ExecStart").split(" ");
  expect(argv.at(-1)).toBe("serve");
  for (const flag of ["--no-opt", "--no-maglev", "--no-sparkplug", "--max-semi-space-size=1"])
    expect(argv).toContain(flag);
});
