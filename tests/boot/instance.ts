import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { docker } from "./machine-images.ts";

/** What systemd and an engine inside a container need; not --privileged, which asks for more than a test machine may give. */
const CAPABILITIES = "SYS_ADMIN NET_ADMIN NET_RAW MKNOD SYS_CHROOT DAC_READ_SEARCH AUDIT_WRITE SYS_PTRACE SYSLOG".split(
  " ",
);

export interface InstanceOptions {
  readonly name: string;
  readonly image: string;
  /** Name of a network, or of the seat that has the instance's interfaces already. */
  readonly network: string | Seat;
  /** Name to address, as the VPC's resolver would say. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Where 169.254.169.254 leads: host:port. */
  readonly imds: string;
  /** Files put on the disk before the first boot. */
  readonly files?: Readonly<Record<string, string>>;
  /** Volume whose content the engine's folder begins with. */
  readonly disk?: string;
  /** Further arguments of docker create. */
  readonly create?: readonly string[];
}

/** A place in a network that is laid before its instance starts, and stays when the instance is cut. */
export interface Seat {
  /** The container that holds it. */
  readonly container: string;
  readonly address: string;
}

/** An EC2 instance: Debian 13 with systemd as PID 1 in a container, its disk in a volume. */
export interface Instance {
  readonly name: string;
  readonly address: string;
  /** Runs a shell line; gives code and output. */
  run(line: string, timeoutMs?: number): Promise<{ code: number; stdout: string; stderr: string }>;
  start(): void;
  /** Power cut: everything in it is killed at once, the disk stays. */
  cut(): void;
  /** A clean shut-down. */
  stop(): void;
  /** What a person reads on the serial console. */
  console(): string;
  remove(): void;
}

/** What a cloud image knows without being told: EC2's metadata are the only source, and the network is set already. */
const CLOUD_CONFIG = `datasource_list: [Ec2]
datasource: { Ec2: { strict_id: false, max_wait: 240, timeout: 10 } }
network: { config: disabled }
preserve_hostname: true
apt: { preserve_sources_list: true }
cloud_init_modules: [seed_random]
cloud_config_modules: []
cloud_final_modules: [scripts_per_boot, scripts_user]
`;

/** The link-local address as a real instance has it, before anything may ask for it. */
const METADATA_UNIT = (imds: string) => `[Unit]
DefaultDependencies=no
After=local-fs.target
Before=systemd-sysctl.service greenleaf-nat.service cloud-init-local.service network-pre.target greenleaf-boot.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=/usr/bin/mount -o remount,rw,bind /proc/sys
ExecStart=/usr/sbin/iptables -t nat -A OUTPUT -d 169.254.169.254 -p tcp --dport 80 -j DNAT --to-destination ${imds}
[Install]
WantedBy=sysinit.target
`;

export function newInstance(options: InstanceOptions): Instance {
  const { name, image, network, disk, create = [] } = options;
  const volume = `${name}-docker`;
  docker("volume", "create", volume);
  if (disk !== undefined) copyDisk(disk, volume, image);
  docker(
    "create",
    "--tty",
    ["--name", name, ...networkArguments(options)],
    CAPABILITIES.flatMap((capability) => ["--cap-add", capability]),
    ["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
    ["--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp"],
    ["--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--volume", `${volume}:/var/lib/docker`],
    ["--env", "container=docker", "--stop-signal", "SIGRTMIN+3", "--stop-timeout", "90"],
    create,
    image,
    "/sbin/init",
    // This engine's control groups are of version 1, which systemd 257 takes only when told to.
    "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1",
  );
  putFiles(name, filesOf(options));
  return instanceNamed(name, volume, typeof network === "string" ? undefined : network.address);
}

// Whose network is a seat's has the seat's names as well, says Docker.
const networkArguments = ({ name, network, hosts }: InstanceOptions): readonly string[] =>
  typeof network === "string"
    ? ["--network", network, "--hostname", name, ...hostArguments(hosts)]
    : ["--network", `container:${network.container}`];

export const hostArguments = (hosts: InstanceOptions["hosts"]): readonly string[] =>
  Object.entries(hosts).flatMap(([host, address]) => ["--add-host", `${host}:${address}`]);

/** A copy whose layers are hard links, which nothing ever writes to; links need one mount for both. */
function copyDisk(from: string, to: string, image: string): void {
  const [source = "", target = ""] = [from, to].map((name) =>
    docker("volume", "inspect", "--format", "{{.Mountpoint}}", name),
  );
  const volumes = dirname(dirname(source));
  const line = `cd ${source} && for f in *; do case $f in overlay2) cp -al $f ${target}/ ;; *) cp -a $f ${target}/ ;; esac; done`;
  docker("run", "--rm", "--volume", `${volumes}:${volumes}`, image, "sh", "-c", line);
}

const filesOf = ({ imds, files = {} }: InstanceOptions): Readonly<Record<string, string>> => ({
  "/etc/cloud/cloud.cfg.d/90_greenleaf_test.cfg": CLOUD_CONFIG,
  "/etc/systemd/system/test-metadata.service": METADATA_UNIT(imds),
  ...files,
});

function putFiles(container: string, files: Readonly<Record<string, string>>): void {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-instance-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    // Enabled: systemd takes links only.
    const wants = join(folder, "/etc/systemd/system/sysinit.target.wants");
    mkdirSync(wants, { recursive: true });
    symlinkSync("../test-metadata.service", join(wants, "test-metadata.service"));
    docker("cp", `${folder}/.`, `${container}:/`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function instanceNamed(name: string, volume: string, seated: string | undefined): Instance {
  // It may get another one each time it starts; asking costs what is being measured.
  let address = seated ?? "";
  return {
    name,
    get address() {
      address ||= docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name);
      return address;
    },
    // Never waited for in one piece: the servers it talks to are in this process.
    run: (line, timeoutMs = 60_000) =>
      new Promise((resolve) => {
        const options = { encoding: "utf8", maxBuffer: 1 << 26, timeout: timeoutMs } as const;
        execFile("docker", ["exec", name, "sh", "-c", line], options, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : -1, stdout, stderr });
        });
      }),
    start: () => {
      address = seated ?? "";
      docker("start", name);
    },
    cut: () => void docker("kill", name),
    stop: () => void docker("stop", name),
    console: () => {
      const { stdout, stderr } = spawnSync("docker", ["logs", name], { encoding: "utf8", maxBuffer: 1 << 26 });
      // oxlint-disable-next-line no-control-regex -- colours and cursor moves of systemd
      return (stdout + stderr).replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r", "");
    },
    remove: () => {
      spawnSync("docker", ["rm", "--force", "--volumes", name]);
      spawnSync("docker", ["volume", "rm", "--force", volume]);
    },
  };
}
