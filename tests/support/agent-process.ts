import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "..", "..", "node-agent", "src", "main.ts");

export interface AgentProcess {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly stdout: () => string;
  /** Exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Starts the agent's own program as a process. */
export function startAgent(args: readonly string[], program: readonly string[] = [MAIN]): AgentProcess {
  const child = spawn(process.execPath, [...program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

export async function runAgent(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const agent = startAgent(args);
  const code = await agent.ended;
  return { code, stdout: agent.stdout(), stderr: agent.stderr() };
}

/** A port of loopback that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
