import { docker, shell, stockImage } from "./build-machine.ts";

/** A stock Debian 13 that only sleeps, to run lines in. */
export interface Container {
  run(line: string): { code: number; stdout: string; stderr: string };
  remove(): void;
}

export function newContainer(name: string, create: readonly string[] = []): Container {
  docker(["run", "--detach", "--name", name, ...create], stockImage(), ["/bin/sleep", "1200"]);
  return { run: (line) => shell(name, line), remove: () => void docker("rm", "--force", "--volumes", name) };
}

/** Address of this machine as containers on the default network see it. */
export const hostAddress = (): string =>
  docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", "bridge");
