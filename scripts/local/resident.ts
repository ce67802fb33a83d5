import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { systemClock } from "../../node-agent/src/adapters/clock.ts";
import { exec } from "../../node-agent/src/adapters/exec.ts";
import { filesBelow } from "../../node-agent/src/adapters/files.ts";
import { done, notYet, until } from "../../node-agent/src/core/retry.ts";
import { agentArgv, agentEnvironment } from "./agent.ts";
import { type LocalWorld, nodeFolder } from "./world.ts";

const PID_FILE = "/local/agent.pid";
const LOG = "var/log/greenleaf-agent.log";

/** Keeps the agent's resident part running: a transient systemd unit, or a process of its own where no init system runs. */
export async function ensureResident(world: LocalWorld): Promise<void> {
  if (await isAlive(world)) return;
  await stopResident(world);
  // As in greenleaf-agent.service.
  const argv = ["--max-semi-space-size=1", ...agentArgv(world, ["serve", "--port", String(world.ports.agent)])];
  if (hasSystemd()) await startUnit(world, argv);
  else await startProcess(world, argv);
  const wait = { what: "the agent's page", withinMs: 20_000, everyMs: 100, fix: `see ${nodeFolder(world, LOG)}` };
  await until(systemClock, wait, async () =>
    (await isAlive(world)) ? done(undefined) : notYet("no answer on /livez"),
  );
}

export async function stopResident(world: LocalWorld): Promise<void> {
  if (hasSystemd()) await exec(["systemctl", "stop", unitName(world)], { accept: [0, 5] });
  const pid = Number(await filesBelow(world.root).read(PID_FILE));
  if (!(await isOurs(pid, world))) return;
  process.kill(pid, "SIGTERM");
  const wait = { what: `process ${pid} to end`, withinMs: 40_000, everyMs: 100, fix: `kill ${pid}` };
  await until(systemClock, wait, async () => ((await isOurs(pid, world)) ? notYet("it still runs") : done(undefined)));
}

async function isAlive({ ports }: LocalWorld): Promise<boolean> {
  return fetch(`http://127.0.0.1:${ports.agent}/livez`, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  );
}

const hasSystemd = (): boolean => existsSync("/run/systemd/system");
const unitName = ({ project }: LocalWorld): string => `${project}-local-agent.service`;

async function startUnit(world: LocalWorld, argv: readonly string[]): Promise<void> {
  const settings = [
    "--property=Restart=on-failure",
    "--setenv=AWS_ACCESS_KEY_ID=local",
    "--setenv=AWS_SECRET_ACCESS_KEY=local",
  ];
  await exec(["systemd-run", `--unit=${unitName(world)}`, "--collect", ...settings, process.execPath, ...argv]);
}

async function startProcess(world: LocalWorld, argv: readonly string[]): Promise<void> {
  mkdirSync(nodeFolder(world, "var/log"), { recursive: true });
  const log = openSync(nodeFolder(world, LOG), "a", 0o600);
  const child = spawn(process.execPath, argv, {
    detached: true,
    stdio: ["ignore", log, log],
    env: agentEnvironment(),
    cwd: "/",
  });
  child.unref();
  closeSync(log);
  await filesBelow(world.root).write(PID_FILE, String(child.pid));
}

/** A recorded id may long belong to another process; ours has the world's root in its command line. */
async function isOurs(pid: number, { root }: LocalWorld): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const commandLine = (await filesBelow("/").read(`/proc/${pid}/cmdline`)) ?? "";
  return commandLine.split("\0").includes(root);
}
