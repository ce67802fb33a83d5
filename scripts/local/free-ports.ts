import { createServer } from "node:net";
import { exec } from "../../node-agent/src/adapters/exec.ts";
import { ConfigurationError } from "../../node-agent/src/errors.ts";
import type { LocalWorld } from "./world.ts";

/** Refuses to begin when a port this world publishes is held by somebody else. */
export async function checkPorts(world: LocalWorld): Promise<void> {
  const ours = await publishedBy(world);
  const taken: string[] = [];
  for (const [name, port] of Object.entries(world.ports)) {
    if (name !== "agent" && !ours.has(port) && !(await isFree(port)))
      taken.push(`${name}: ${port} (${await holder(port)})`);
  }
  if (taken.length === 0) return;
  throw new ConfigurationError(`port ${taken.join(", ")} is taken`, {
    why: "another program listens there",
    fix: `end it, or choose other ports: sudo ./greenleaf up --port ${world.ports.http + 1000}`,
  });
}

async function publishedBy(world: LocalWorld): Promise<Set<number>> {
  const projects = [world.project, `${world.project}-local`];
  const listings = await Promise.all(
    projects.map((project) =>
      exec(["docker", "ps", "--filter", `label=com.docker.compose.project=${project}`, "--format", "{{.Ports}}"]),
    ),
  );
  const ports = listings.flatMap(({ stdout }) => [...stdout.matchAll(/:(\d+)->/g)].map((match) => Number(match[1])));
  return new Set(ports);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once("error", () => resolve(false))
      .listen(port, () => server.close(() => resolve(true)));
  });
}

async function holder(port: number): Promise<string> {
  const { stdout } = await exec(["ss", "-Hltnp", `sport = :${port}`], { accept: [0, 1, 255] }).catch(() => ({
    stdout: "",
  }));
  return (
    stdout
      .match(/users:\(\("([^"]+)",pid=(\d+)/)
      ?.slice(1)
      .join(", process ") ?? "by an unknown program"
  );
}
