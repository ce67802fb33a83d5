import { spawn } from "node:child_process";

export interface Reaper {
  /** Removes at once what would go with this process. */
  finish(): Promise<void>;
}

/** Removes every container and network with `label`, with the containers' volumes, when this process is gone. */
export const reaper = (label: string): Reaper => whenGone(BY_LABEL, label);

/** Removes every container, network and volume whose name begins with `prefix` when this process is gone. */
export const prefixReaper = (prefix: string): Reaper => whenGone(BY_PREFIX, prefix);

/**
 * Runs a shell script when this process is gone, however it went: after Ctrl-C or kill -9 no `afterAll` runs any more.
 * (testcontainers' own reaper is an image to pull.)
 */
function whenGone(script: string, argument: string): Reaper {
  const child = spawn("/bin/sh", ["-c", `${UNTIL_GONE}${script}`, "reaper", argument], {
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
const UNTIL_GONE = `
trap '' INT TERM HUP
read -r _
`;

const BY_LABEL = `
containers=$(docker ps --all --quiet --filter "label=$1")
[ -z "$containers" ] || docker rm --force --volumes $containers
networks=$(docker network ls --quiet --filter "label=$1")
[ -z "$networks" ] || docker network rm $networks
`;

/** A container that is being replaced bears its old id before the name. */
const BY_PREFIX = `
containers=$(docker ps --all --format '{{.ID}} {{.Names}}' | grep -E " ([0-9a-f]{12}_)?$1" | cut -d' ' -f1)
[ -z "$containers" ] || docker rm --force --volumes $containers
networks=$(docker network ls --format '{{.Name}}' | grep -E "^(bridge-)?$1")
[ -z "$networks" ] || docker network rm $networks
volumes=$(docker volume ls --format '{{.Name}}' | grep "^$1")
[ -z "$volumes" ] || docker volume rm $volumes
`;
