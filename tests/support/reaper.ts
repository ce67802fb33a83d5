import { spawn } from "node:child_process";

export interface Reaper {
  /** Removes at once what would go with this process. */
  finish(): Promise<void>;
}

/** Removes every container and network with `label`, with the containers' volumes, when this process is gone. */
export const reaper = (label: string): Reaper => whenGone(BY_LABEL, label);

/**
 * Removes every container, network and volume called `prefix`, or `prefix-` and more, when this process is gone, and the
 * rules that give a stand-in the requests of such a service: `gl-12` is not what made `gl-123`. Suites run beside each other, so a prefix names this process, unless its suite has the turn
 * of that name (turn.ts).
 */
export function prefixReaper(prefix: string): Reaper {
  if (!ONCE_PER_MACHINE.has(prefix) && !isOfThisProcess(prefix))
    throw new Error(`what another suite makes could be called ${prefix} too: put process.pid into it`);
  return whenGone(BY_PREFIX, prefix);
}

/** In names that Compose files of tests say. */
const ONCE_PER_MACHINE: ReadonlySet<string> = new Set(["gl-par"]);

const isOfThisProcess = (prefix: string): boolean =>
  prefix.split("-").some((part) => part.endsWith(String(process.pid))) &&
  ![...ONCE_PER_MACHINE].some((taken) => prefix.startsWith(`${taken}-`));

/**
 * Runs a shell script when this process is gone, however it went: after Ctrl-C or kill -9 no `afterAll` runs any more.
 * (testcontainers' own reaper is an image to pull.)
 */
function whenGone(script: string, argument: string): Reaper {
  const child = spawn("/bin/sh", ["-c", `${UNTIL_GONE}${script}`, "reaper", argument], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    // `greenleaf test` ends what is left of a suite, but lets this do its work.
    env: { ...process.env, GREENLEAF_TEST_REAPER: "1" },
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

/**
 * A container that is being replaced bears its old id before the name. One that somebody else is just removing holds its
 * volume until that has ended, so what is left is tried again for a minute.
 */
const BY_PREFIX = `
for try in $(seq 60); do
  containers=$(docker ps --all --format '{{.ID}} {{.Names}}' | grep -E " ([0-9a-f]{12}_)?$1([-_.]|$)" | cut -d' ' -f1)
  networks=$(docker network ls --format '{{.Name}}' | grep -E "^(bridge-)?$1([-_.]|$)")
  volumes=$(docker volume ls --format '{{.Name}}' | grep -E "^$1([-_.]|$)")
  [ -n "$containers$networks$volumes" ] || break
  [ "$try" = 1 ] || sleep 1
  [ -z "$containers" ] || docker rm --force --volumes $containers
  [ -z "$networks" ] || docker network rm $networks
  [ -z "$volumes" ] || docker volume rm $volumes
done
PATH=$PATH:/usr/sbin:/sbin
rules=$(iptables-save -t nat | grep -E -- "--comment .greenleaf: $1[-_./]" | sed 's/^-A/-D/')
[ -z "$rules" ] || printf '*nat\n%s\nCOMMIT\n' "$rules" | iptables-restore --noflush
`;
