import { spawn } from "node:child_process";

/**
 * Removes every container, network and volume whose name begins with `prefix` when this process is gone, however it
 * went; `finish` does it at once.
 */
export function prefixReaper(prefix: string): { finish: () => Promise<void> } {
  const child = spawn("/bin/sh", ["-c", SCRIPT, "reaper", prefix], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
  });
  child.unref();
  return {
    async finish() {
      child.stdin.end();
      await ended;
    },
  };
}

/** A container that is being replaced bears its old id before the name. */
const SCRIPT = `
trap '' INT TERM HUP
read -r _
containers=$(docker ps --all --format '{{.ID}} {{.Names}}' | grep -E " ([0-9a-f]{12}_)?$1" | cut -d' ' -f1)
[ -z "$containers" ] || docker rm --force --volumes $containers
networks=$(docker network ls --format '{{.Name}}' | grep -E "^(bridge-)?$1")
[ -z "$networks" ] || docker network rm $networks
volumes=$(docker volume ls --format '{{.Name}}' | grep "^$1")
[ -z "$volumes" ] || docker volume rm $volumes
`;
