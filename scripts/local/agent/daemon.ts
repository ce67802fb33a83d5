import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { listensOn } from "../../../node-agent/src/adapters/machine/ports.ts";
import { systemClock } from "../../../node-agent/src/base/clock.ts";
import { exec } from "../../../node-agent/src/base/exec.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { endProcess } from "../../../node-agent/src/base/process-groups.ts";
import { done, pending, until } from "../../../node-agent/src/base/wait.ts";
import { type LocalWorld, nodeFolder } from "../world.ts";
import { agentArgv, agentEnvironment } from "./agent.ts";
import { daemonsOf } from "./daemon-processes.ts";
import { unitNodeOptions } from "./unit-options.ts";

const PID_FILE = "/local/agent.pid";
const LOG = "var/log/greenleaf-agent.log";

/** Keeps the node daemon running: a transient systemd unit, or a process of its own where no init system runs. */
export async function ensureDaemon(world: LocalWorld): Promise<void> {
  if (await isAlive(world)) return;
  await stopDaemon(world);
  const argv = [...unitNodeOptions(), ...agentArgv(world, ["serve", "--port", String(world.ports.agent)])];
  if (hasSystemd()) await startUnit(world, argv);
  else await startProcess(world, argv);
  const wait = { what: "the agent's page", withinMs: 20_000, everyMs: 100, fix: `see ${nodeFolder(world, LOG)}` };
  await until(systemClock, wait, async () =>
    (await isAlive(world)) ? done(undefined) : pending("no answer on /livez"),
  );
}

/** Ends every daemon of this root: the one `up` started, and one that a person started by hand. */
export async function stopDaemon(world: LocalWorld): Promise<void> {
  if (hasSystemd() && (await isOurUnit(world))) {
    await exec(["systemctl", "stop", unitName(world)], { accept: [0, 5] });
  }
  const pids = await daemonsOf(world.root);
  for (const pid of pids) endProcess(pid, "SIGTERM");
  const fix = `kill ${pids.join(" ")}`;
  const wait = { what: `process ${pids.join(", ")} to end`, withinMs: 40_000, everyMs: 100, fix };
  await until(systemClock, wait, async () => {
    const left = await daemonsOf(world.root);
    return left.length > 0 ? pending(`${left.join(", ")} still runs`) : done(undefined);
  });
}

/** Whether our own agent answers; another program on that port is not it, whatever it says. */
async function isAlive(world: LocalWorld): Promise<boolean> {
  const url = `http://127.0.0.1:${world.ports.agent}/livez`;
  const answers = await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  );
  return answers && (await holdsPort(world));
}

/** Whether a daemon of this root listens on this world's port. */
export async function holdsPort({ root, ports }: LocalWorld): Promise<boolean> {
  const daemons = await daemonsOf(root);
  return (await Promise.all(daemons.map((pid) => listensOn(pid, ports.agent)))).includes(true);
}

const hasSystemd = (): boolean => existsSync("/run/systemd/system");
const unitName = ({ project }: LocalWorld): string => `${project}-local-agent.service`;

/** A unit of that name may be somebody else's; ours names the root. */
async function isOurUnit(world: LocalWorld): Promise<boolean> {
  const { stdout } = await exec(["systemctl", "show", "--property=ExecStart", unitName(world)], { accept: [0, 1, 4] });
  return stdout.includes(` --root ${world.root} `);
}

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
