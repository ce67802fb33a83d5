import { ENGINE_FOLDER } from "../../base/paths.ts";
import type { Mount, Service, Stack, StackVolume } from "./compose/stack.ts";
import { networkProblems } from "./policy-networks.ts";

/** What the stack of a release may name on this machine; real paths. */
export interface StackPolicy {
  /** What is labelled with another project is somebody else's: a stack of that name would take it for its own. */
  readonly project: string;
  /** Images of the release, each by digest or id. */
  readonly images: readonly string[];
  /** Folders a container may see, read-only. */
  readonly readable: readonly string[];
  /** Folders that the node document itself names; a container may write there. */
  readonly writable: readonly string[];
  /** Folders env files may lie in. */
  readonly environment: readonly string[];
  /** Networks that the node document itself names. */
  readonly networks: readonly string[];
}

/** Fields of Docker's host config that give a container no power over its machine. */
const HARMLESS = new Set(
  `RestartPolicy ReadonlyRootfs Init CapDrop Dns DnsSearch DnsOptions ExtraHosts Tmpfs Sysctls
  Memory MemoryReservation MemorySwap MemorySwappiness NanoCpus CpuShares CpusetCpus CpuPeriod CpuQuota CpuCount
  CpuPercent PidsLimit OomKillDisable ShmSize Ulimits BlkioConfig`.split(/\s+/),
);
/** Read below, value by value. */
const CHECKED = new Set(["CapAdd", "SecurityOpt", "GroupAdd", "OomScoreAdj", "LogConfig"]);
const CAPABILITIES = new Set(["NET_BIND_SERVICE"]);
const SECURITY = /^no-new-privileges([:=]true)?$/;
/** Whoever talks to one of these is root of the machine. */
const ENGINE_SOCKETS = /\/(docker|containerd|podman|crio|buildkitd|dockershim)(\/[^/]+)?\.sock$/;
/** Never a container's, whoever names them. */
const SYSTEM = ["/proc", "/sys", "/dev", "/etc", "/boot", "/root", "/usr", "/run/docker", ENGINE_FOLDER];

/**
 * What this stack asks for that no release may have, in words with service and place; empty for a stack that may run.
 * The signature says who published a release, not that it is harmless: a stolen key shall not own the machine.
 */
export function policyProblems(stack: Stack, policy: StackPolicy): string[] {
  return [
    ...(stack.project === policy.project
      ? []
      : [`name: ${stack.project} is another project; this node's is ${policy.project}`]),
    ...stack.services.flatMap((service) =>
      serviceProblems(service, policy).map((problem) => `services.${service.name}.${problem}`),
    ),
    ...stack.networks.flatMap((network) => networkProblems(network, policy.networks)),
    ...stack.volumes.flatMap(volumeProblems),
  ];
}

function serviceProblems(service: Service, policy: StackPolicy): string[] {
  return [
    ...imageProblems(service.image, policy.images),
    ...userProblems(service.config.User),
    ...service.mounts.flatMap((mount) => mountProblems(mount, policy)),
    ...service.envFiles.flatMap(({ path }) => envFileProblems(path, policy)),
    ...hostProblems(service.host),
  ];
}

function imageProblems(image: string, images: readonly string[]): string[] {
  if (images.includes(image)) return [];
  const isPinned = /(^|@)sha256:[0-9a-f]{64}$/.test(image);
  const why = isPinned ? "is not one of the release's images" : "is a tag, which may name another image tomorrow";
  return [`image: ${image} ${why}; name one of the release's images, as in \${GREENLEAF_IMAGE_BACKEND}`];
}

function userProblems(user: unknown): string[] {
  if (typeof user !== "string" || user === "") return [];
  const isRoot = user.split(":").some((part) => part === "root" || /^[+-]?0+$/.test(part.trim()));
  return isRoot ? [`user: "${user}" is root; name a uid and gid above 0, or leave it to the image`] : [];
}

function mountProblems({ type, source, readOnly }: Mount, { readable, writable }: StackPolicy): string[] {
  if (type !== "bind") return [];
  const path = plain(source);
  if (ENGINE_SOCKETS.test(path)) return [`volumes: ${source} is the engine's socket: it makes a container root`];
  const named = writable.filter((folder) => !isSystem(folder));
  if (named.some((folder) => isWithin(path, folder))) return [];
  if (!readable.some((folder) => isWithin(path, folder)))
    return [`volumes: host path ${source} is none a release may have (${list([...readable, ...named])})`];
  return readOnly ? [] : [`volumes: ${source} must be read-only (:ro)`];
}

function envFileProblems(path: string, { environment }: StackPolicy): string[] {
  if (environment.some((folder) => isWithin(plain(path), folder))) return [];
  return [`env_file: host path ${path} is none a release may read (${list(environment)})`];
}

function hostProblems(host: Service["host"]): string[] {
  const unknown = Object.keys(host).filter((key) => !HARMLESS.has(key) && !CHECKED.has(key));
  return [
    ...unknown.map((key) => `${key}: is nothing a release may ask for`),
    ...texts(host.CapAdd)
      .filter((name) => !CAPABILITIES.has(name.toUpperCase().replace(/^CAP_/, "")))
      .map((name) => `cap_add: ${name} is not allowed (${list([...CAPABILITIES])})`),
    ...texts(host.SecurityOpt)
      .filter((option) => !SECURITY.test(option))
      .map((option) => `security_opt: ${option} takes a wall away; only no-new-privileges is allowed`),
    ...texts(host.GroupAdd)
      .filter((group) => userProblems(group).length > 0)
      .map((group) => `group_add: "${group}" is root's group`),
    ...oomProblems(host.OomScoreAdj),
    ...logProblems(host.LogConfig),
  ];
}

// Whoever is spared when memory ends has the agent killed in its place.
const oomProblems = (score: unknown): string[] =>
  typeof score === "number" && score < 0 ? [`oom_score_adj: ${score} is below 0`] : [];

/** The engine opens these as root of the machine: a socket there takes what a container prints for its own protocol. */
function logProblems(logging: unknown): string[] {
  const options = typeof logging === "object" && logging !== null && "Config" in logging ? logging.Config : undefined;
  return Object.entries(options ?? {})
    .filter(([, value]) => /^(\/|unix)/i.test(String(value).trim()))
    .map(([name, value]) => `logging: ${name} names ${String(value)} of this machine`);
}

// The local driver mounts any folder of the machine when its options say so.
function volumeProblems({ key, external, driver, options }: StackVolume): string[] {
  if (external) return [`volumes.${key}: is external: a release may have its own volumes only`];
  const isPlain = ["", "local"].includes(driver) && Object.keys(options).length === 0;
  return isPlain ? [] : [`volumes.${key}: a driver or its options can reach any folder of the machine`];
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];

const list = (allowed: readonly string[]): string => `allowed: ${allowed.join(", ") || "none"}`;

const isSystem = (path: string): boolean =>
  plain(path) === "/" || SYSTEM.some((folder) => isWithin(plain(path), folder) || isWithin(folder, plain(path)));

const isWithin = (path: string, folder: string): boolean =>
  path === plain(folder) || path.startsWith(`${plain(folder)}/`);

/** A path without `.`, `..` and double slashes. */
function plain(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
