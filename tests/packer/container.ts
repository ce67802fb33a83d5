import { execFileSync, spawn } from "node:child_process";
import { prefixReaper } from "../support/reaper.ts";
import { docker, shell, stockImage } from "./build-machine.ts";

/** A stock Debian 13 that only sleeps, to run lines in. */
export interface Container {
  run(line: string): { code: number; stdout: string; stderr: string };
  /** The same while servers of this process answer it. */
  served(line: string): Promise<{ code: number | null; stdout: string }>;
  remove(): void;
}

export function newContainer(name: string, create: readonly string[] = []): Container {
  // Also when the test is killed.
  prefixReaper(name);
  docker(["run", "--detach", "--name", name, ...create], stockImage(), ["/bin/sleep", "1200"]);
  return {
    run: (line) => shell(name, line),
    served: (line) => served(name, line),
    remove: () => void docker("rm", "--force", "--volumes", name),
  };
}

function served(name: string, line: string): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("docker", ["exec", name, "sh", "-c", line], { stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.on("error", reject).on("close", (code) => resolve({ code, stdout }));
  });
}

/** Address of this machine as containers on the default network see it; an engine that just started does not tell its own. */
export function hostAddress(): string {
  const option = '{{index .Options "com.docker.network.bridge.name"}}';
  const bridge = docker("network", "inspect", "--format", option, "bridge") || "docker0";
  // Not by node:os, which leaves out a bridge that has no container yet.
  const told = execFileSync("ip", ["-4", "-json", "address", "show", "dev", bridge], { encoding: "utf8" });
  const [link] = JSON.parse(told) as Array<{ addr_info: Array<{ local: string }> }>;
  const address = link?.addr_info[0]?.local;
  if (address === undefined) throw new Error(`${bridge} has no IPv4 address`);
  return address;
}
