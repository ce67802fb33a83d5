/** Where a root keeps what `install` did for it. */
export const INSTALLED_PATH = "/var/lib/greenleaf/installed.json";

/** The engine's default bridge, which it leaves behind. */
export const BRIDGE = "docker0";

export interface Daemon {
  pid: number;
  /** Start of the process in the kernel's clock ticks: tells it from a later one of the same number. */
  startTicks: string;
}

/** What `install` put on this machine, and nothing that was there before: what `install --remove` takes away again. */
export interface InstallRecord {
  version: 1;
  packager: "apt" | "dnf";
  packages: string[];
  /** Files and folders, by their path on the machine. */
  files: string[];
  /** Folders that were made for these files; they go when they are empty. */
  folders: string[];
  units: string[];
  /** Mounts, in the order they were made. */
  mounts: string[];
  /** The engine, where no init system runs it. */
  daemon?: Daemon;
}

export const newRecord = (packager: InstallRecord["packager"]): InstallRecord => ({
  version: 1,
  packager,
  packages: [],
  files: [],
  folders: [],
  units: [],
  mounts: [],
});

export function parseRecord(text: string | undefined): InstallRecord | undefined {
  if (text === undefined) return undefined;
  const found = JSON.parse(text) as InstallRecord;
  return found.version === 1 ? found : undefined;
}

export const recordText = (record: InstallRecord): string => `${JSON.stringify(record, null, 2)}\n`;

/** The record with more in it; what is in it already stays once. */
export function recorded(record: InstallRecord, more: Partial<Omit<InstallRecord, "version">>): InstallRecord {
  const joined = (key: "packages" | "files" | "folders" | "units" | "mounts") => [
    ...new Set([...record[key], ...(more[key] ?? [])]),
  ];
  return {
    ...record,
    ...(more.daemon ? { daemon: more.daemon } : {}),
    packages: joined("packages"),
    files: joined("files"),
    folders: joined("folders"),
    units: joined("units"),
    mounts: joined("mounts"),
  };
}

/** Packages that `apt-get -s install` would add; one that it would replace by a newer one is not ours to remove. */
export function packagesToCome(simulation: string): string[] {
  return simulation.split("\n").flatMap((line) => {
    const found = /^Inst (\S+) (\[)?/.exec(line);
    return found?.[1] && found[2] === undefined ? [found[1]] : [];
  });
}

/** Packages that `apt-get -s purge` would take away. */
export function packagesToGo(simulation: string): string[] {
  return simulation.split("\n").flatMap((line) => /^(?:Remv|Purg) (\S+) /.exec(line)?.[1] ?? []);
}

export interface RemovalFacts {
  /** Containers on the engine; undefined when it does not answer. */
  containers: number | undefined;
  /** Recorded packages that are still there. */
  present: readonly string[];
  /** What removing these would take along. */
  goes: readonly string[];
  daemonRuns: boolean;
  /** The engine's own bridge is still there, and a program that can remove it. */
  bridge: boolean;
}

export type RemovalOperation = { name: string; why: string } & (
  | { do: "disable units"; units: readonly string[] }
  | { do: "stop engine"; daemon: Daemon }
  | { do: "remove packages"; packages: readonly string[] }
  | { do: "remove bridge"; link: string }
  | { do: "remove files"; files: readonly string[]; folders: readonly string[] }
  | { do: "unmount"; mounts: readonly string[] }
);

export interface RemovalPlan {
  operations: readonly RemovalOperation[];
  notes: readonly string[];
  /** True when all of the record goes, so that the record goes too. */
  complete: boolean;
}

/** Exactly what was installed, unless somebody else has come to rely on it. */
export function planRemoval(record: InstallRecord, facts: RemovalFacts): RemovalPlan {
  const others = facts.goes.filter((name) => !record.packages.includes(name));
  const notes = [
    ...(facts.containers ? [`${facts.containers} containers of others run on the engine: it stays`] : []),
    ...(others.length > 0 ? [`${others.join(", ")} came to need what was installed: the packages stay`] : []),
  ];
  if (notes.length > 0) return { operations: [], notes, complete: false };
  return { operations: removals(record, facts), notes, complete: true };
}

function removals(record: InstallRecord, { present, daemonRuns, bridge }: RemovalFacts): RemovalOperation[] {
  const { units, daemon, files, folders } = record;
  const mounts = record.mounts.toReversed();
  const why = "greenleaf-agent install put it there";
  return [
    ...(units.length > 0 ? [{ do: "disable units" as const, units, name: `disable ${units.join(", ")}`, why }] : []),
    ...(daemon && daemonRuns ? [{ do: "stop engine" as const, daemon, name: `stop dockerd ${daemon.pid}`, why }] : []),
    ...(present.length > 0
      ? [{ do: "remove packages" as const, packages: present, name: `remove ${present.join(", ")}`, why }]
      : []),
    ...(bridge
      ? [{ do: "remove bridge" as const, link: BRIDGE, name: `remove the bridge ${BRIDGE}`, why: "the engine left it" }]
      : []),
    ...(files.length > 0
      ? [{ do: "remove files" as const, files, folders, name: `remove ${files.join(", ")}`, why }]
      : []),
    ...(mounts.length > 0 ? [{ do: "unmount" as const, mounts, name: `unmount ${mounts.join(", ")}`, why }] : []),
  ];
}
