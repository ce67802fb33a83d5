import { exec } from "../../../node-agent/src/base/exec.ts";

export type Kind = "container" | "network" | "volume";

/** A container, network or volume of the engine, as far as it tells whose it is. */
export interface Thing {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a container: the folders of this machine it mounts. */
  readonly mounts: readonly string[];
  /** Of a container: the ports of this machine it may hold. */
  readonly ports: readonly number[];
}

const LISTS: Readonly<Record<Kind, readonly [string, ...string[]]>> = {
  container: ["docker", "ps", "--all", "--quiet", "--no-trunc"],
  network: ["docker", "network", "ls", "--quiet", "--no-trunc"],
  volume: ["docker", "volume", "ls", "--quiet"],
};

/** What an engine's `inspect` gives of each kind (a part). */
interface Inspected {
  readonly Id?: string;
  readonly Name: string;
  readonly Labels?: Record<string, string> | null;
  readonly Config?: { readonly Labels?: Record<string, string> | null };
  readonly Mounts?: ReadonlyArray<{ readonly Type: string; readonly Source?: string }>;
  readonly HostConfig?: {
    readonly PortBindings?: Record<string, ReadonlyArray<{ readonly HostPort: string }> | null> | null;
  };
}

/** Everything of a kind that carries one of these labels (`name=value`) or has one of these names. */
export async function thingsWith(
  kind: Kind,
  { labels, names = [] }: { labels: readonly string[]; names?: readonly string[] },
): Promise<Thing[]> {
  // The engine joins filters of one kind by "and".
  const filters = [...labels.map((label) => `label=${label}`), ...names.map((name) => `name=${name}`)];
  const lists = await Promise.all(filters.map((filter) => listed([...LISTS[kind], "--filter", filter])));
  const ids = [...new Set(lists.flat())];
  const found = await Promise.all(ids.map((id) => inspected(kind, id)));
  const isAsked = (thing: Thing) =>
    names.includes(thing.name) || labels.some((label) => label === `${nameOf(label)}=${thing.labels[nameOf(label)]}`);
  // A name is asked for by a part of it.
  return found.flat().filter(isAsked);
}

const nameOf = (label: string): string => label.slice(0, label.indexOf("="));

async function listed(argv: readonly [string, ...string[]]): Promise<string[]> {
  const { stdout } = await exec(argv);
  return stdout.split("\n").filter((id) => id !== "");
}

/** Empty for what went between the list and now. */
async function inspected(kind: Kind, id: string): Promise<Thing[]> {
  const { code, stdout } = await exec(["docker", kind, "inspect", id], { accept: [0, 1] });
  if (code !== 0) return [];
  return (JSON.parse(stdout) as Inspected[]).map((found) => ({
    kind,
    id: found.Id ?? found.Name,
    name: found.Name.replace(/^\//, ""),
    labels: found.Labels ?? found.Config?.Labels ?? {},
    mounts: (found.Mounts ?? []).flatMap(({ Type, Source }) => (Type === "bind" && Source ? [Source] : [])),
    ports: portsOf(found),
  }));
}

const portsOf = ({ HostConfig }: Inspected): number[] =>
  Object.values(HostConfig?.PortBindings ?? {}).flatMap((bindings) =>
    (bindings ?? []).flatMap(({ HostPort }) => (HostPort === "" ? [] : [Number(HostPort)])),
  );

/** Whether the engine of this machine answers at all. */
export async function engineAnswers(): Promise<boolean> {
  return exec(["docker", "version", "--format", "{{.Server.Version}}"]).then(
    () => true,
    () => false,
  );
}
