import type { ContainerSpec } from "../compose/container-body.ts";
import type { ObservedContainer } from "../observed.ts";

/** A volume nobody named holds data all the same: the successor of a container gets it. */
export function inheritVolumes(spec: ContainerSpec, stale: readonly ObservedContainer[]): ContainerSpec {
  const volumes = new Map(stale.flatMap(({ anonymousVolumes }) => [...anonymousVolumes]));
  const mounts = spec.body.HostConfig.Mounts as ReadonlyArray<Readonly<Record<string, unknown>>>;
  const binds = spec.body.HostConfig.Binds as readonly string[];
  if (volumes.size === 0) return spec;
  const named = new Set([
    ...mounts.filter(({ Source }) => Source !== "").map(({ Target }) => Target),
    ...binds.map(target),
  ]);
  const own = [...volumes].filter(([path]) => !named.has(path));
  const kept = mounts.filter(({ Target }) => !own.some(([path]) => path === Target));
  const moved = own.map(([path, volume]) => ({ Type: "volume", Source: volume, Target: path }));
  return { ...spec, body: { ...spec.body, HostConfig: { ...spec.body.HostConfig, Mounts: [...kept, ...moved] } } };
}

const target = (bind: string): string => bind.split(":")[1] ?? "";
