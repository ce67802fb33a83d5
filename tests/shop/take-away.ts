import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export const PROJECT = process.env.GREENLEAF_SHOP_PROJECT ?? "greenleaf";

export const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();

/** The container of a service of the node's stack. */
export function serviceContainer(service: string): string {
  const label = (key: string, value: string) => ["--filter", `label=com.docker.compose.${key}=${value}`];
  return docker("ps", "--quiet", ...label("project", PROJECT), ...label("service", service));
}

/** All processes of a container: a signal by the engine reaches the first one alone. */
export function signal(container: string, name: "SIGSTOP" | "SIGCONT"): void {
  for (const pid of docker("top", container, "-eo", "pid").split("\n").slice(1)) {
    try {
      process.kill(Number(pid), name);
    } catch (error) {
      // A probe of its health comes and goes.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** Takes a server away in one way and gives back what brings it again. */
export const AWAY = {
  killed(container: string) {
    docker("kill", container);
    return () => docker("start", container);
  },
  frozen(container: string) {
    signal(container, "SIGSTOP");
    return () => signal(container, "SIGCONT");
  },
  "cut off"(container: string) {
    const network = `${PROJECT}-local`;
    const path = `{{json (index .NetworkSettings.Networks "${network}").Aliases}}`;
    const aliases = JSON.parse(docker("inspect", "--format", path, container)) as string[];
    docker("network", "disconnect", network, container);
    const names = aliases.flatMap((name) => ["--alias", name]);
    return () => docker("network", "connect", ...names, network, container);
  },
};

/** Asks until the answer is the one that is waited for; the last one is given, and judged by the caller. */
export async function askUntil<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer) || performance.now() > deadline) return answer;
    await sleep(200);
  }
}
