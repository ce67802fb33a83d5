import { existsSync } from "node:fs";
import { join } from "node:path";
import { type AgentProcess, freePort, startAgent } from "../support/agent-process.ts";
import { newTestNode, type TestNode, within } from "../support/test-node.ts";

/** A daemon in a process of its own, and every way by which it hears others. */
export interface Daemon {
  readonly node: TestNode;
  readonly agent: AgentProcess;
  readonly listeners: Readonly<
    Record<"loopback" | "own socket" | "Caddy's socket", { path: string } | { port: number; host: string }>
  >;
  /** Its process id, as long as that process lives. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

export async function startDaemon(): Promise<Daemon> {
  const node = newTestNode();
  const port = await freePort();
  const agent = startAgent(["serve", "--root", node.root, "--port", String(port)]);
  const listening = () =>
    fetch(`http://127.0.0.1:${port}/livez`).then(
      ({ ok }) => ok,
      () => false,
    );
  await within(60_000, `the agent listens (${agent.stderr()})`, listening);
  const { child } = agent;
  return {
    node,
    agent,
    listeners: {
      loopback: { port, host: "127.0.0.1" },
      "own socket": { path: join(node.root, "run/greenleaf/agent.sock") },
      "Caddy's socket": { path: join(node.root, "run/greenleaf/health.sock") },
    },
    pid: () =>
      child.exitCode === null && child.signalCode === null && existsSync(`/proc/${child.pid}`) ? child.pid : undefined,
    stop: async () => {
      child.kill("SIGKILL");
      await agent.ended;
      node.remove();
    },
  };
}
