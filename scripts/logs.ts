import { spawn } from "node:child_process";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { closest } from "../node-agent/src/base/cli/suggest.ts";
import { UsageError } from "../node-agent/src/base/errors.ts";
import { exec } from "../node-agent/src/base/exec.ts";
import { isSet, textOf } from "./cli/command.ts";
import { worldOf } from "./local/options.ts";

/** The engine's own log reader; the agent's labels make every service visible to it. */
export async function logs(line: ParsedCommandLine): Promise<number> {
  const world = worldOf(line);
  await requireServices(world.project, line.positionals);
  const options = [...(isSet(line, "follow") ? ["--follow"] : []), "--tail", linesOf(textOf(line, "tail"))];
  const args = ["compose", "--project-name", world.project, "logs", ...options, ...line.positionals];
  return new Promise((resolve, reject) => {
    spawn("docker", args, { stdio: "inherit" })
      .on("error", reject)
      .on("close", (code) => resolve(code ?? 70));
  });
}

function linesOf(tail = "100"): string {
  if (/^(\d+|all)$/.test(tail)) return tail;
  throw new UsageError(`logs: --tail "${tail}" is not a number of lines`, {
    code: "usage.number",
    why: "it is a number, or all",
    fix: "leave it out for the last 100 of each service",
  });
}

/** `docker compose logs` shows nothing, and no error, for a service that does not exist. */
async function requireServices(project: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const filter = `label=com.docker.compose.project=${project}`;
  const format = '{{.Label "com.docker.compose.service"}}';
  const { stdout } = await exec(["docker", "ps", "--all", "--filter", filter, "--format", format]);
  const services = [...new Set(stdout.split("\n").filter((name) => name !== ""))].sort();
  const unknown = names.filter((name) => !services.includes(name));
  if (unknown.length === 0) return;
  const [first = ""] = unknown;
  const near = closest(first, services);
  throw new UsageError(`logs: project "${project}" has no service ${unknown.join(", ")}`, {
    code: "usage.service",
    why: services.length === 0 ? "it has no containers" : `its services are ${services.join(", ")}`,
    fix: near === undefined ? "sudo ./greenleaf up starts it" : `./greenleaf logs ${near}`,
  });
}
