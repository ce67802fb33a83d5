import { lstat } from "node:fs/promises";
import { ConfigurationError } from "../../../node-agent/src/base/errors.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { isDefaultWorld, type LocalWorld } from "../world.ts";

/** What says that a folder is the root of a local world, and of which: a copy of it elsewhere is nobody's. */
const MARK = "/greenleaf-world.json";

interface Mark {
  readonly version: 1;
  readonly project: string;
  readonly root: string;
  /** Made before worlds had marks: its first volumes and its network carry no label of ours. */
  readonly unlabelled: boolean;
}

/** A root that is ours, with what tells which containers are. */
export interface OwnRoot {
  readonly unlabelled: boolean;
  /** The stack file that `docker compose` may have been called with by hand. */
  readonly stackFile: string | undefined;
}

/** `absent`: no such folder. `foreign`: there is one, and `up` did not make it. */
export type RootState = OwnRoot | "absent" | "foreign";

export async function rootState(world: LocalWorld): Promise<RootState> {
  const found = await lstat(world.root).catch(() => undefined);
  if (found === undefined) return "absent";
  // A link or somebody else's folder could lead anywhere.
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? 0)) return "foreign";
  const mark = await readMark(world);
  const isOld = mark === undefined && (await isRootOfOld(world));
  if (mark === undefined && !isOld) return "foreign";
  return { unlabelled: mark?.unlabelled ?? true, stackFile: await stackFileOf(world) };
}

/** Makes the root and marks it as ours; refuses a folder that is somebody else's. */
export async function claimRoot(world: LocalWorld): Promise<OwnRoot> {
  const state = await rootState(world);
  const files = filesBelow(world.root);
  if (state === "foreign" && (await files.list("/")).length > 0) throw taken(world);
  if (typeof state === "string") await markRoot(world, { unlabelled: false });
  else if ((await readMark(world)) === undefined) await markRoot(world, { unlabelled: true });
  return typeof state === "string" ? { unlabelled: false, stackFile: undefined } : state;
}

async function markRoot({ project, root }: LocalWorld, { unlabelled }: { unlabelled: boolean }): Promise<void> {
  const mark: Mark = { version: 1, project, root, unlabelled };
  await filesBelow(root).write(MARK, `${JSON.stringify(mark)}\n`, { mode: 0o644 });
}

async function readMark({ project, root }: LocalWorld): Promise<Mark | undefined> {
  const mark = parsed(await filesBelow(root).read(MARK));
  const isOurs = mark?.version === 1 && mark.project === project && mark.root === root;
  return isOurs ? { version: 1, project, root, unlabelled: mark.unlabelled === true } : undefined;
}

/** Worlds made before there were marks, and those that were cut off early: by what only `up` writes. */
async function isRootOfOld(world: LocalWorld): Promise<boolean> {
  const files = filesBelow(world.root);
  const node = await files.read("/etc/greenleaf/node.json");
  if (node !== undefined) return isNodeOf(world, node);
  const credentials = parsed(await files.read("/local/credentials.json"));
  const installed = parsed(await files.read("/var/lib/greenleaf/installed.json"));
  if (credentials?.db !== undefined && credentials.admin !== undefined) return true;
  if (installed?.version === 1 && installed.packager !== undefined) return true;
  // The launcher's record of npm's packages, written before anything else runs.
  return isDefaultWorld(world) && (await files.read("/launcher-packages")) !== undefined;
}

function isNodeOf({ project, root }: LocalWorld, text: string): boolean {
  const node = parsed(text);
  return (
    node?.project === project &&
    node.environment === "local" &&
    String(node.release).startsWith(`file://${root}/local/`)
  );
}

async function stackFileOf({ root }: LocalWorld): Promise<string | undefined> {
  const variables = (await filesBelow(root).read("/local/compose.env")) ?? "";
  const folder = /^GREENLEAF_STACK=(\/.+)$/m.exec(variables)?.[1];
  return folder === undefined ? undefined : `${folder}/compose/docker-compose.yml`;
}

// A damaged or foreign file is no mark.
function parsed(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function taken({ root }: LocalWorld): ConfigurationError {
  return new ConfigurationError(`${root} is there, and greenleaf did not make it`, {
    code: "world.folder",
    why: "it carries no mark of this world, so nothing in it is touched",
    fix: "choose another name: sudo ./greenleaf up --project shop2 --port 9080",
  });
}
