import { isCount, isText, listOf, oneOf, optional, parsed, shape } from "../../base/shape.ts";

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

/** Whether the engine is one that `install` brought or started. */
export const isOwnEngine = ({ daemon, packages }: InstallRecord): boolean =>
  daemon !== undefined || ENGINES.some((name) => packages.includes(name));

export const ENGINES = ["docker.io", "docker"];

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
  return parsed(text, isRecord) as InstallRecord | undefined;
}

const names = listOf(isText);
const isRecord = shape({
  version: (value) => value === 1,
  packager: oneOf("apt", "dnf"),
  packages: names,
  files: names,
  folders: names,
  units: names,
  mounts: names,
  daemon: optional(shape({ pid: isCount, startTicks: isText })),
});

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
export function addedPackages(simulation: string): string[] {
  return simulation.split("\n").flatMap((line) => {
    const found = /^Inst (\S+) (\[)?/.exec(line);
    return found?.[1] && found[2] === undefined ? [found[1]] : [];
  });
}

/** Packages that `apt-get -s purge` would take away. */
export function removedPackages(simulation: string): string[] {
  return simulation.split("\n").flatMap((line) => /^(?:Remv|Purg) (\S+) /.exec(line)?.[1] ?? []);
}

/** How many things of each kind an engine keeps, whoever made them. */
export interface EngineHoldings {
  readonly containers: number;
  readonly volumes: number;
  readonly images: number;
}

export interface RemovalFacts {
  /** What is on the engine, where that is ours; "unknown" when it is there and does not answer. */
  holdings: EngineHoldings | "unknown" | undefined;
  /** Recorded packages that are still there. */
  present: readonly string[];
  /** What removing these would take along. */
  goes: readonly string[];
  daemonRuns: boolean;
  /** The engine's own bridge is still there, and a program that can remove it. */
  bridge: boolean;
}

export type RemovalOperation = { name: string; why: string } & (
  | { kind: "disable units"; units: readonly string[] }
  | { kind: "stop engine"; daemon: Daemon }
  | { kind: "remove packages"; packages: readonly string[] }
  | { kind: "remove bridge"; link: string }
  | { kind: "remove files"; files: readonly string[]; folders: readonly string[] }
  | { kind: "unmount"; mounts: readonly string[] }
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
    ...holdingNotes(facts.holdings),
    ...(others.length > 0 ? [`${others.join(", ")} came to need what was installed: the packages stay`] : []),
  ];
  if (notes.length > 0) return { operations: [], notes, complete: false };
  return { operations: removals(record, facts), notes, complete: true };
}

function holdingNotes(holdings: RemovalFacts["holdings"]): string[] {
  if (holdings === undefined) return [];
  if (holdings === "unknown")
    return ["the engine does not answer, and others may keep data on it: it stays; start it first"];
  const held = Object.entries(holdings).flatMap(([kind, count]) => (count > 0 ? [`${count} ${kind}`] : []));
  return held.length > 0 ? [`${held.join(", ")} of others are on the engine: it stays`] : [];
}

function removals(record: InstallRecord, { present, daemonRuns, bridge }: RemovalFacts): RemovalOperation[] {
  const { units, daemon, files, folders } = record;
  const mounts = record.mounts.toReversed();
  const why = "greenleaf-agent install put it there";
  return [
    ...(units.length > 0 ? [{ kind: "disable units" as const, units, name: `disable ${units.join(", ")}`, why }] : []),
    ...(daemon && daemonRuns
      ? [{ kind: "stop engine" as const, daemon, name: `stop dockerd ${daemon.pid}`, why }]
      : []),
    ...(present.length > 0
      ? [{ kind: "remove packages" as const, packages: present, name: `remove ${present.join(", ")}`, why }]
      : []),
    ...(bridge
      ? [
          {
            kind: "remove bridge" as const,
            link: BRIDGE,
            name: `remove the bridge ${BRIDGE}`,
            why: "the engine left it",
          },
        ]
      : []),
    ...(files.length > 0
      ? [{ kind: "remove files" as const, files, folders, name: `remove ${files.join(", ")}`, why }]
      : []),
    ...(mounts.length > 0 ? [{ kind: "unmount" as const, mounts, name: `unmount ${mounts.join(", ")}`, why }] : []),
  ];
}
