import { execFile } from "node:child_process";
import { promisify } from "node:util";
import Docker from "dockerode";
import { START_INTERVAL } from "../../node-agent/src/core/stack/compose/container-body.ts";

/** What real `docker compose` makes of a file, and how two engines' containers are compared. */

const run = promisify(execFile);
export const docker = new Docker({ socketPath: "/var/run/docker.sock" });
export const PREFIX = "gl-par";

interface Asked {
  file: string;
  project: string | undefined;
  variables: string;
}

/** Runs `docker compose` on a file; nothing of our own environment but the way to the engine reaches it. */
export async function compose({ file, project, variables }: Asked, ...args: string[]): Promise<string> {
  const named = project === undefined ? [] : ["-p", project];
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/root" };
  const { stdout } = await run("docker", ["compose", ...named, "--env-file", variables, "-f", file, ...args], { env });
  return stdout;
}

/** Removes everything of a project, by its labels. */
export async function removeProject(project: string): Promise<void> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  const [networks, { Volumes }] = await Promise.all([
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
  await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()));
}

/** Everything comparable about a project: its containers by name, its networks and volumes. */
export async function describeProject(project: string): Promise<Record<string, unknown>> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  const listed = await docker.listContainers({ all: true, filters });
  const containers = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
  const networks = await Promise.all(
    (await docker.listNetworks({ filters })).map(({ Id }) => docker.getNetwork(Id).inspect()),
  );
  const { Volumes } = await docker.listVolumes({ filters });
  const networkNames = new Map((await docker.listNetworks()).map(({ Id, Name }) => [Id, Name]));
  return {
    containers: byName(containers.map((container) => [container.Name, normalContainer(container, networkNames)])),
    networks: byName(networks.map((network) => [network.Name, normalNetwork(network)])),
    volumes: byName((Volumes ?? []).map((volume) => [volume.Name, normalVolume(volume)])),
  };
}

type Fields = Record<string, unknown>;

const byName = (entries: Array<[string, unknown]>): Fields =>
  Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));

/** Labels that say who made something; everything else must agree. */
const MAKERS = new Set([
  "com.docker.compose.config-hash",
  "com.docker.compose.version",
  "io.greenleaf.hash",
  "com.docker.compose.project.environment_file",
]);
/** Containers made at other moments differ here whatever made them. */
const MOMENTS = new Set(["HostnamePath", "HostsPath", "ResolvConfPath", "LogPath", "ContainerIDFile", "Cgroup"]);

function normalContainer(container: Docker.ContainerInspectInfo, networkNames: ReadonlyMap<string, string>): unknown {
  const { Config, HostConfig, NetworkSettings, Mounts, Id } = container;
  // Compose names an external network by its id.
  const mode = HostConfig.NetworkMode ?? "";
  const isOwnName = Config.Hostname === Id.slice(0, 12);
  const networks = Object.entries(NetworkSettings.Networks).map(([name, network]) => [
    name,
    { Aliases: network.Aliases?.filter((alias: string) => alias !== Id.slice(0, 12)), IPAMConfig: network.IPAMConfig },
  ]);
  return normal({
    Config: {
      ...Config,
      Hostname: isOwnName ? "(its id)" : Config.Hostname,
      Labels: normalLabels(Config.Labels),
      Healthcheck: normalHealthcheck(Config.Healthcheck),
    },
    HostConfig: { ...HostConfig, NetworkMode: networkNames.get(mode) ?? mode },
    Networks: Object.fromEntries(networks) as Fields,
    Mounts: Mounts.map(({ Source: _made, Name, ...mount }) => [mount, named(Name)]),
  });
}

// How often a starting service is asked is the agent's own, where the file says nothing of it.
function normalHealthcheck(check: object | undefined): object | undefined {
  const { StartInterval, ...rest } = { ...check } as { StartInterval?: number };
  return StartInterval === START_INTERVAL ? rest : check;
}

const named = (name: string | undefined) => (name !== undefined && /^[0-9a-f]{64}$/.test(name) ? "(anonymous)" : name);

function normalLabels(labels: Readonly<Record<string, string>>): Fields {
  const kept = Object.entries(labels).filter(([key]) => !MAKERS.has(key));
  const sorted = ([key, value]: [string, string]) =>
    key === "com.docker.compose.depends_on" ? [key, value.split(",").sort().join(",")] : [key, value];
  return Object.fromEntries(kept.map(sorted)) as Fields;
}

function normalNetwork(network: Docker.NetworkInspectInfo): unknown {
  const { Driver, Internal, Attachable, EnableIPv6, Options, Labels, IPAM } = network;
  const chosen = (IPAM?.Config ?? []).filter(({ Subnet }) => Subnet?.startsWith("10.213."));
  return normal({
    Driver,
    Internal,
    Attachable,
    EnableIPv6,
    Options,
    Labels: normalLabels(Labels ?? {}),
    Config: chosen,
  });
}

const normalVolume = ({ Driver, Options, Labels }: Docker.VolumeInspectInfo): unknown =>
  normal({ Driver, Options, Labels: normalLabels(Labels) });

/** Empty things are left out, lists whose order means nothing are sorted. */
function normal(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => normal(item));
    return ORDERED.has(key) ? items : items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value)
    .filter(([name]) => !MOMENTS.has(name))
    .map(([name, member]) => [name, isEmpty(member) && !RESETS.has(name) ? undefined : normal(member, name)] as const)
    .filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const ORDERED = new Set(["Cmd", "Entrypoint", "Test", "Dns", "DnsSearch", "DnsOptions"]);
/** Empty is not the same as absent for these: it takes away what the image says. */
const RESETS = new Set(["Cmd", "Entrypoint"]);

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
}
