import { type AptSource, mirrorOf } from "./apt-sources.ts";
import { type CgroupMount, cgroupMounts } from "./cgroup-mounts.ts";
import type { Distribution, PluginSource, Release } from "./install-distributions.ts";

/** What can be asked for: the engine; compose and buildx; what makes images from nothing; the agent's own units. */
export const GROUPS = ["engine", "plugins", "tools", "units"] as const;
export type Group = (typeof GROUPS)[number];

export type Plugin = "compose" | "buildx";

/** What is there before anything is installed. */
export interface InstallFacts {
  release: Release;
  /** True when systemd runs this machine. */
  systemd: boolean;
  engineAnswers: boolean;
  packages: ReadonlySet<string>;
  /** Programs found in PATH, of those that matter here. */
  programs: ReadonlySet<string>;
  plugins: ReadonlySet<Plugin>;
  sources: readonly AptSource[];
  /** Text of /proc/cgroups and /proc/mounts. */
  cgroups: string;
  mounts: string;
  /** Units of the agent that are missing or differ, by file name. */
  units: ReadonlyMap<string, string>;
}

export type InstallOperation = { name: string; why: string } & (
  | { do: "refresh" }
  | { do: "packages"; packages: readonly string[] }
  | { do: "foreign plugins"; plugins: ReadonlyMap<Plugin, string>; suite: string; mirror: AptSource }
  | { do: "mount cgroups"; mounts: readonly CgroupMount[] }
  | { do: "enable engine"; unit: string }
  | { do: "start engine" }
  | { do: "write units"; units: ReadonlyMap<string, string> }
);

export interface InstallPlan {
  operations: readonly InstallOperation[];
  /** What a person should know and no operation says. */
  notes: readonly string[];
}

/** What to do so that the machine has the groups asked for; nothing when it has them. */
export function planInstall(facts: InstallFacts, distribution: Distribution, groups: readonly Group[]): InstallPlan {
  const wants = new Set(groups);
  const plugins = wants.has("plugins") ? missingPlugins(facts, distribution) : [];
  const foreign = plugins.filter(({ source }) => source?.from !== undefined);
  const packages = [
    ...(wants.has("engine") ? enginePackages(facts, distribution) : []),
    ...plugins.flatMap(({ source }) => (source && !source.from ? [source.package] : [])),
    ...(wants.has("tools") ? distribution.tools.filter((name) => !facts.packages.has(name)) : []),
    // An installation from before 2025 does not know the next release's key.
    ...(foreign.length > 0 ? ["debian-archive-keyring"] : []),
  ];
  return {
    operations: [
      ...(packages.length > 0 ? packageOperations(packages) : []),
      ...(foreign.length > 0 ? foreignPlugins(facts, foreign) : []),
      ...(wants.has("engine") && !facts.engineAnswers ? startOperations(facts, distribution) : []),
      ...(wants.has("units") && facts.systemd && facts.units.size > 0 ? [writeUnits(facts.units)] : []),
    ],
    notes: notesOf(facts, distribution, { plugins, units: wants.has("units") }),
  };
}

function notesOf(
  { release, systemd }: InstallFacts,
  { runHere }: Distribution,
  wanted: { plugins: readonly MissingPlugin[]; units: boolean },
): string[] {
  const unpackaged = wanted.plugins.filter(({ source }) => !source);
  return [
    ...(runHere ? [] : [`${release.name} is planned and checked, but no test runs on it`]),
    ...unpackaged.map(({ plugin }) => `${release.name} packages no ${plugin} plugin`),
    ...(wanted.units && !systemd ? ["systemd does not run here: the agent's units are left out"] : []),
  ];
}

interface MissingPlugin {
  plugin: Plugin;
  source: PluginSource | undefined;
}

function missingPlugins(facts: InstallFacts, { plugins }: Distribution): MissingPlugin[] {
  return (["compose", "buildx"] as const)
    .filter((plugin) => !facts.plugins.has(plugin))
    .map((plugin) => ({ plugin, source: plugins[plugin] }));
}

// An engine that is there, running or not, is somebody's choice: only a missing client is added to it.
function enginePackages({ engineAnswers, programs, packages }: InstallFacts, { engine }: Distribution): string[] {
  const missing = engine.filter((name) => !packages.has(name));
  if (!engineAnswers && !programs.has("dockerd")) return missing;
  return programs.has("docker") ? [] : missing.filter((name) => name === "docker-cli");
}

function packageOperations(packages: readonly string[]): InstallOperation[] {
  return [
    { do: "refresh", name: "refresh the package lists", why: `to install ${packages.join(", ")}` },
    { do: "packages", packages, name: `install ${packages.join(", ")}`, why: "not on this machine" },
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
      do: "foreign plugins",
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
  if (systemd) return [{ do: "enable engine", unit: engineUnit, name: `enable and start ${engineUnit}`, why }];
  const missing = cgroupMounts(cgroups, mounts);
  const mount: InstallOperation[] =
    missing.length === 0
      ? []
      : [{ do: "mount cgroups", mounts: missing, name: "mount the control groups", why: "the engine needs them" }];
  return [...mount, { do: "start engine", name: "start dockerd", why: `${why}, and no init system runs here` }];
}

function writeUnits(units: ReadonlyMap<string, string>): InstallOperation {
  return {
    do: "write units",
    units,
    name: `write and enable ${[...units.keys()].join(", ")}`,
    why: "missing, or of another version of the agent",
  };
}
