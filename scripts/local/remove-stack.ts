import { exec } from "../../node-agent/src/adapters/exec.ts";

/** Removes the containers, networks and volumes that carry a project's label, and nothing else. */
export async function removeStack(project: string): Promise<void> {
  const label = `label=com.docker.compose.project=${project}`;
  const containers = await listed(["docker", "ps", "--all", "--quiet", "--filter", label]);
  // Caddy first would be kinder to customers; `down` has none.
  if (containers.length > 0) {
    await exec(["docker", "stop", "--time", "20", ...containers], { timeoutMs: 120_000 });
    await exec(["docker", "rm", "--force", ...containers]);
  }
  for (const network of await listed(["docker", "network", "ls", "--quiet", "--filter", label])) {
    await exec(["docker", "network", "rm", network]);
  }
  for (const volume of await listed(["docker", "volume", "ls", "--quiet", "--filter", label])) {
    await exec(["docker", "volume", "rm", volume]);
  }
}

async function listed(argv: readonly [string, ...string[]]): Promise<string[]> {
  const { stdout } = await exec(argv);
  return stdout.split("\n").filter((id) => id !== "");
}
