import { spawn } from "node:child_process";

/**
 * Removes every container, volume and network with `label` when this process is gone, however it went: after Ctrl-C
 * or kill -9 no `afterAll` runs any more. (testcontainers' own reaper is an image to pull.) `finish` does it at once.
 */
export function reaper(label: string): { finish: () => Promise<void> } {
  const child = spawn("/bin/sh", ["-c", script, "reaper", label], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
  });
  child.unref();
  return {
    async finish() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}

/** The read ends when the pipe's other end is closed: by finish(), or by the kernel. */
const script = `
trap '' INT TERM HUP
read -r _
containers=$(docker ps --all --quiet --filter "label=$1")
[ -z "$containers" ] || docker rm --force --volumes $containers
networks=$(docker network ls --quiet --filter "label=$1")
[ -z "$networks" ] || docker network rm $networks
`;
