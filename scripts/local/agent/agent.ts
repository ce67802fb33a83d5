import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type LocalWorld, nodeFolder } from "../world.ts";

/** The agent's source; Node runs it as it is. */
const SOURCE = join(import.meta.dirname, "..", "..", "..", "node-agent", "src", "main.ts");

/** Node's arguments for a command of the agent: the installed one, but for what installs it or comes before it. */
export function agentArgv(world: LocalWorld, args: readonly string[]): string[] {
  const installed = nodeFolder(world, "opt/greenleaf/current/main.js");
  const program = args[0] !== "install" && existsSync(installed) ? installed : SOURCE;
  return [program, ...args, "--root", world.root];
}

/** The environment of a local node's agent. The stand-in takes only this world's keys: what is kept of them comes before these. */
export function agentEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
}

/** Runs the agent with this terminal's own streams; its exit code is the answer. */
export function runAgent(world: LocalWorld, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, agentArgv(world, args), { stdio: "inherit", env: agentEnvironment() });
    child.on("error", reject).on("close", (code) => resolve(code ?? 70));
  });
}

export interface AgentEnd {
  code: number;
  /** The lines from `error:` on, as the agent told them. */
  failure: string;
}

/** Runs the agent and hands on each line it tells. */
export function followAgent(
  world: LocalWorld,
  args: readonly string[],
  tell: (line: string) => void,
): Promise<AgentEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, agentArgv(world, args), {
      stdio: ["ignore", "ignore", "pipe"],
      env: agentEnvironment(),
    });
    const failure: string[] = [];
    createInterface(child.stderr).on("line", (line) => {
      if (failure.length > 0 || line.startsWith("error: ")) failure.push(line);
      else tell(line);
    });
    child.on("error", reject).on("close", (code) => resolve({ code: code ?? 70, failure: failure.join("\n") }));
  });
}
