import { type AgentFacts, type AgentOperation, planAgent } from "./agent.ts";
import { type AptSource, mirrorOf } from "./apt-sources.ts";
import { type CgroupMount, cgroupMounts } from "./cgroup-mounts.ts";
import type { Distribution, PluginSource, Release } from "./distributions.ts";
import type { Group } from "./groups.ts";
import { type RoomFacts, type RoomOperation, roomFor } from "./room.ts";

export type Plugin = "compose" | "buildx";

/** What is there before anything is installed. */
export interface InstallFacts extends RoomFacts {
  release: Release;
  /** True when systemd runs this machine. */
  systemd: boolean;
  engineAnswers: boolean;
  packages: ReadonlySet<string>;
  /** Programs found in PATH, of those that matter here. */
  programs: ReadonlySet<string>;
  plugins: ReadonlySet<Plugin>;
  sources: readonly AptSource[];
  /** True when somebody refreshed the package lists minutes ago. */
  freshLists: boolean;
  /** Text of /proc/cgroups and /proc/mounts. */
  cgroups: string;
  mounts: string;
  /** Units of the agent that are missing or differ, by file name. */
  units: ReadonlyMap<string, string>;
  /** Text of the file with the node's kernel settings. */
  sysctls: string | undefined;
  /** A verified archive of the agent, where one was given. */
  agent?: AgentFacts;
}

/** A router's own settings come with its rules (core/router/nat/sysctls.ts), never with an image. */
export const SYSCTLS_PATH = "/etc/sysctl.d/60-greenleaf.conf";
export const SYSCTLS = [
  "# Written by greenleaf-agent install.",
  "# A node whose kernel panics comes back, or its group replaces it; it does not hang.",
  "kernel.panic = 10",
  "# Memory is the services'; swap is for what sleeps.",
  "vm.swappiness = 10",
  "",
].join("\n");

export type InstallOperation =
  | AgentOperation
  | RoomOperation
  | ({ name: string; why: string } & (
      | { kind: "refresh" }
      | { kind: "packages"; packages: readonly string[] }
      | { kind: "foreign plugins"; plugins: ReadonlyMap<Plugin, string>; suite: string; mirror: AptSource }
      | { kind: "mount cgroups"; mounts: readonly CgroupMount[] }
      | { kind: "enable engine"; unit: string }
      | { kind: "start engine" }
      | { kind: "write units"; units: ReadonlyMap<string, string> }
      | { kind: "write sysctls"; text: string }
    ));

export interface InstallPlan {
  operations: readonly InstallOperation[];
  /** What a person should know and no operation says. */
  notes: readonly string[];
  /** Why the archive's agent is not taken: the machine keeps the one it has. */
  refused?: string;
}

/** What to do so that the machine has the groups asked for; nothing when it has them. */
export function planInstall(facts: InstallFacts, distribution: Distribution, groups: readonly Group[]): InstallPlan {
  const wants = new Set(groups);
  const agent = planAgent(wants.has("agent") ? facts.agent : undefined);
  // The rest of what an older agent would do is as old as itself.
  if (agent.refused !== undefined) return { operations: [], notes: [], refused: agent.refused };
  const fromArchive = composeFile(facts, wants);
  const plugins = missingPlugins(facts, distribution, wants).filter(
    ({ plugin }) => plugin !== "compose" || fromArchive.length === 0,
  );
  const foreign = plugins.filter(({ source }) => source?.from !== undefined);
  const packages = packagesFor(facts, distribution, { wants, plugins });
  const room = roomFor(distribution, facts, packages.length > 0);
  return {
    operations: [
      ...agent.place,
      ...room.before,
      ...packageOperations(facts, packages),
      ...room.after,
      ...(foreign.length > 0 ? foreignPlugins(facts, foreign) : []),
      ...fromArchive,
      ...settings(facts, distribution, wants),
      ...agent.switchTo,
    ],
    notes: notesOf(facts, distribution, { plugins, units: wants.has("units") }),
  };
}

function packagesFor(
  facts: InstallFacts,
  distribution: Distribution,
  { wants, plugins }: { wants: ReadonlySet<Group>; plugins: readonly MissingPlugin[] },
): string[] {
  const missing = (group: "router" | "tools") =>
    wants.has(group) ? distribution[group].filter((name) => !facts.packages.has(name)) : [];
  return [
    ...(wants.has("engine") ? enginePackages(facts, distribution) : []),
    ...plugins.flatMap(({ source }) => (source && !source.from ? [source.package] : [])),
    ...missing("router"),
    ...missing("tools"),
    // An installation from before 2025 does not know the next release's key.
    ...(plugins.some(({ source }) => source?.from !== undefined) ? ["debian-archive-keyring"] : []),
  ];
}

/** What is not a package: kernel settings, a started engine, the agent's units. */
function settings(facts: InstallFacts, distribution: Distribution, wants: ReadonlySet<Group>): InstallOperation[] {
  const units = wants.has("units") && hasSystemd(facts) && facts.units.size > 0;
  return [
    ...(wants.has("system") && facts.sysctls !== SYSCTLS ? [writeSysctls(facts)] : []),
    ...(wants.has("engine") && !facts.engineAnswers ? startOperations(facts, distribution) : []),
    ...(units ? [writeUnits(facts.units)] : []),
  ];
}

// Pinned by its checksum in the signed list, on every distribution alike.
function composeFile({ agent, plugins }: InstallFacts, wants: ReadonlySet<Group>): InstallOperation[] {
  const file = agent?.archive.compose;
  if (!agent || !file || plugins.has("compose") || !(wants.has("compose") || wants.has("plugins"))) return [];
  return [{ kind: "compose file", from: agent.from, file, name: `place ${file.name}`, why: "not on this machine" }];
}

function writeSysctls({ sysctls }: InstallFacts): InstallOperation {
  const why = sysctls === undefined ? "missing" : "of another version of the agent";
  return { kind: "write sysctls", text: SYSCTLS, name: `write ${SYSCTLS_PATH}`, why };
}

/** Units can be enabled where systemd is installed and something else runs, as in a machine that becomes an image. */
const hasSystemd = ({ systemd, programs }: InstallFacts): boolean => systemd || programs.has("systemctl");

function notesOf(
  facts: InstallFacts,
  { runHere }: Distribution,
  wanted: { plugins: readonly MissingPlugin[]; units: boolean },
): string[] {
  const { release } = facts;
  const unpackaged = wanted.plugins.filter(({ source }) => !source);
  return [
    ...(runHere ? [] : [`${release.name} is planned and checked, but no test runs on it`]),
    ...unpackaged.map(({ plugin }) => `${release.name} packages no ${plugin} plugin`),
    ...(wanted.units && !hasSystemd(facts) ? ["there is no systemd here: the agent's units are left out"] : []),
  ];
}

interface MissingPlugin {
  plugin: Plugin;
  source: PluginSource | undefined;
}

function missingPlugins(facts: InstallFacts, { plugins }: Distribution, wants: ReadonlySet<Group>): MissingPlugin[] {
  return (["compose", "buildx"] as const)
    .filter((plugin) => wants.has("plugins") || (plugin === "compose" && wants.has("compose")))
    .filter((plugin) => !facts.plugins.has(plugin))
    .map((plugin) => ({ plugin, source: plugins[plugin] }));
}

// An engine that is there, running or not, is somebody's choice: only a missing client is added to it.
function enginePackages({ engineAnswers, programs, packages }: InstallFacts, { engine }: Distribution): string[] {
  const missing = engine.filter((name) => !packages.has(name));
  if (!engineAnswers && !programs.has("dockerd")) return missing;
  return programs.has("docker") ? [] : missing.filter((name) => name === "docker-cli");
}

function packageOperations({ freshLists }: InstallFacts, packages: readonly string[]): InstallOperation[] {
  if (packages.length === 0) return [];
  const why = `to install ${packages.join(", ")}`;
  return [
    ...(freshLists ? [] : [{ kind: "refresh" as const, name: "refresh the package lists", why }]),
    { kind: "packages", packages, name: `install ${packages.join(", ")}`, why: "not on this machine" },
  ];
}

const DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

function foreignPlugins({ release, sources }: InstallFacts, missing: readonly MissingPlugin[]): InstallOperation[] {
  const suite = missing[0]?.source?.from ?? "";
  const mirror = mirrorOf(sources, release.codename) ?? {
    uri: "http://deb.debian.org/debian",
    suites: [],
    components: [],
  };
  const plugins = new Map(missing.map(({ plugin, source }) => [plugin, source?.package ?? ""]));
  const names = [...plugins.values()].join(", ");
  return [
    {
      kind: "foreign plugins",
      plugins,
      suite,
      mirror: { ...mirror, signedBy: mirror.signedBy ?? DEBIAN_KEYRING },
      name: `take ${names} from Debian ${suite}`,
      why: `${release.name} does not package them; signed by Debian, apart from this machine's own apt`,
    },
  ];
}

function startOperations({ systemd, cgroups, mounts }: InstallFacts, { engineUnit }: Distribution): InstallOperation[] {
  const why = "the engine does not answer";
  if (systemd) return [{ kind: "enable engine", unit: engineUnit, name: `enable and start ${engineUnit}`, why }];
  const missing = cgroupMounts(cgroups, mounts);
  const mount: InstallOperation[] =
    missing.length === 0
      ? []
      : [{ kind: "mount cgroups", mounts: missing, name: "mount the control groups", why: "the engine needs them" }];
  return [...mount, { kind: "start engine", name: "start dockerd", why: `${why}, and no init system runs here` }];
}

function writeUnits(units: ReadonlyMap<string, string>): InstallOperation {
  return {
    kind: "write units",
    units,
    name: `write and enable ${[...units.keys()].join(", ")}`,
    why: "missing, or of another version of the agent",
  };
}
