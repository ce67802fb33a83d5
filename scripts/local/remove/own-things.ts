import { HASH_LABEL, PROJECT_LABEL } from "../../../node-agent/src/core/stack/compose/labels.ts";
import type { LocalWorld } from "../world.ts";
import { type Kind, type Thing, thingsWith } from "./engine-things.ts";
import type { OwnRoot } from "./ownership.ts";

/** Our own label on whatever `up` makes in the engine: the root it belongs to. */
export const ROOT_LABEL = "io.greenleaf.root";

export const servicesProject = ({ project }: LocalWorld): string => `${project}-local`;
export const volumeNames = (world: LocalWorld): Readonly<Record<"postgres" | "valkey", string>> => ({
  postgres: `${servicesProject(world)}_postgres`,
  valkey: `${servicesProject(world)}_valkey`,
});

export interface Things {
  readonly ours: readonly Thing[];
  /** What has our names or our projects' labels, and is somebody else's. */
  readonly others: readonly Thing[];
}

/** Everything on the engine that is this world's, or could be taken for it. */
export async function findThings(world: LocalWorld, root: OwnRoot | undefined): Promise<Things> {
  const labels = [
    `${ROOT_LABEL}=${world.root}`,
    ...[world.project, servicesProject(world)].map((project) => `${PROJECT_LABEL}=${project}`),
  ];
  const named: Readonly<Record<Kind, readonly string[]>> = {
    container: [],
    network: [world.network],
    volume: Object.values(volumeNames(world)),
  };
  const kinds: readonly Kind[] = ["container", "network", "volume"];
  const found = (await Promise.all(kinds.map((kind) => thingsWith(kind, { labels, names: named[kind] })))).flat();
  const { true: ours = [], false: others = [] } = Object.groupBy(found, (thing) => `${isOurs(world, root, thing)}`);
  return { ours, others };
}

/** By our label; without one only what this root's agent, or an `up` from before that label, must have made. */
export function isOurs(world: LocalWorld, root: OwnRoot | undefined, thing: Thing): boolean {
  const owner = thing.labels[ROOT_LABEL];
  if (owner !== undefined) return owner === world.root;
  if (root === undefined) return false;
  if (thing.labels[PROJECT_LABEL] === world.project) return isOfStack(world, root, thing);
  return thing.labels[PROJECT_LABEL] === servicesProject(world) && isOfOldServices(world, root, thing);
}

/** The node's stack: made by the agent of this root, or by hand with `docker compose` from this world's own file. */
function isOfStack({ root }: LocalWorld, { stackFile }: OwnRoot, { kind, labels }: Thing): boolean {
  if (kind !== "container") return labels["com.docker.compose.version"]?.startsWith("greenleaf-") === true;
  const file = labels["com.docker.compose.project.config_files"];
  const folder = labels["com.docker.compose.project.working_dir"] ?? "";
  const isOfAgent = labels[HASH_LABEL] !== undefined && folder.startsWith(`${root}/`);
  return isOfAgent || (stackFile !== undefined && file === stackFile);
}

/**
 * PostgreSQL, Valkey and AWS as an `up` from before our label made them, which may also have run after one of today. Data
 * is taken for ours only where the root itself is from then.
 */
function isOfOldServices(world: LocalWorld, { unlabelled }: OwnRoot, { kind, name, labels, mounts }: Thing): boolean {
  if (kind === "network") return name === world.network && labels["com.docker.compose.network"] === "local";
  if (kind === "container") {
    const file = labels["com.docker.compose.project.config_files"] ?? "";
    return file.endsWith("/compose/local.yml") && mounts.some((source) => source.startsWith(`${world.root}/local/`));
  }
  if (!unlabelled) return false;
  return Object.entries(volumeNames(world)).some(
    ([key, volume]) => name === volume && labels["com.docker.compose.volume"] === key,
  );
}
