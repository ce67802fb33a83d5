import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What Debian's own cloud image has, as far as a build needs it, and what sshd needs without cloud-init. */
const PACKAGES =
  "systemd systemd-sysv dbus openssh-server sudo ca-certificates curl openssl iproute2 procps netbase kmod".split(" ");
/** What an engine inside a container needs; not --privileged, which asks for more than a test machine may give. */
const CAPABILITIES = ["SYS_ADMIN", "NET_ADMIN", "NET_RAW", "MKNOD", "SYS_CHROOT", "DAC_READ_SEARCH", "AUDIT_WRITE"];

export const docker = (...args: ReadonlyArray<string | readonly string[]>): string =>
  execFileSync("docker", args.flat(), { encoding: "utf8", maxBuffer: 1 << 26 }).trim();

/** Why no image can be built here; undefined when one can. */
export function packerMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "building images needs root: sudo ./greenleaf test packer";
  const tools = { packer: ["version"], mmdebstrap: ["--version"], "ssh-keygen": ["-?"] };
  const absent = Object.entries(tools).flatMap(([tool, args]) => (spawnSync(tool, args).error ? [tool] : []));
  if (absent.length > 0)
    return `building images needs ${absent.join(", ")}: apt-get install packer mmdebstrap openssh-client`;
  const aws = docker("images", "-q", "greenleaf/aws:local");
  return aws === "" ? "images are not built (aws): sudo ./greenleaf images aws" : undefined;
}

/** A stock Debian 13, made from signed packages once: its name holds a hash of what it is made from. */
export function stockImage(): string {
  const image = `greenleaf-test/ec2:${createHash("sha256").update(PACKAGES.join()).digest("hex").slice(0, 12)}`;
  if (docker("images", "-q", image) !== "") return image;
  const line = `mmdebstrap --quiet --variant=minbase --include=${PACKAGES.join(",")} trixie - http://deb.debian.org/debian | docker import - ${image}`;
  execFileSync("bash", ["-o", "pipefail", "-c", line], { stdio: ["ignore", "ignore", "inherit"] });
  return image;
}

export interface BuildMachine {
  readonly name: string;
  readonly address: string;
  /** Private key that logs in as `admin`. */
  readonly key: string;
  /** Where this machine's port 5000 is published on the host, for a registry inside. */
  readonly registry: string;
  run(line: string): { code: number; stdout: string; stderr: string };
  remove(): void;
}

/** What EC2 hands packer: a machine with sshd, an administrator who logs in with a key, and nothing of ours. */
export function newBuildMachine(suffix: string, create: readonly string[] = []): BuildMachine {
  const name = `greenleaf-test-packer-${process.pid}-${suffix}`;
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-packer-key-"));
  const key = join(folder, "key");
  // The SSH library of packer 1.6 knows RSA keys in PEM only.
  execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-m", "PEM", "-N", "", "-f", key]);
  docker(
    ["run", "--detach", "--name", name, "--publish", "127.0.0.1::5000"],
    CAPABILITIES.flatMap((capability) => ["--cap-add", capability]),
    ["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
    ["--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--tmpfs", "/run", "--volume", `${name}:/var/lib/docker`],
    create,
    [stockImage(), "/bin/sh", "-c", SSHD, "sh", readFileSync(`${key}.pub`, "utf8").trim()],
  );
  return {
    name,
    key,
    address: docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", name),
    registry: docker("port", name, "5000/tcp").split("\n")[0] ?? "",
    run: (line) => shell(name, line),
    remove: () => {
      spawnSync("docker", ["rm", "--force", "--volumes", name]);
      spawnSync("docker", ["volume", "rm", "--force", name]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// As cloud-init does on the first boot of an instance.
const SSHD = `set -e
useradd -m -s /bin/bash admin
echo 'admin ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-cloud-init-users
install -d -o admin -g admin -m 700 /home/admin/.ssh
echo "$1" >/home/admin/.ssh/authorized_keys && chown admin: /home/admin/.ssh/authorized_keys
echo 'PubkeyAcceptedAlgorithms +ssh-rsa' >/etc/ssh/sshd_config.d/packer.conf
mkdir -p /run/sshd && ssh-keygen -A >/dev/null
hostname >/dev/null; true
systemd-machine-id-setup >/dev/null 2>&1
echo 'booted' >/var/log/cloud-init.log
exec /usr/sbin/sshd -D -e`;

export function shell(name: string, line: string): { code: number; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync("docker", ["exec", name, "sh", "-c", line], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return { code: status ?? -1, stdout, stderr };
}
