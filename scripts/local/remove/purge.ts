import { glob, lstat, readFile, readlink, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { INSTALLED_PATH } from "../../../node-agent/src/base/paths.ts";
import {
  isOwnEngine,
  newRecord,
  parseRecord,
  recorded,
  recordText,
} from "../../../node-agent/src/core/install/record.ts";
import { removeOwnImages } from "../../images/own-images.ts";
import { progress } from "../../progress.ts";
import { runAgent } from "../agent/agent.ts";
import { COMPOSE_VARIABLES, COMPOSE_VARIABLES_HEAD } from "../release.ts";
import { isDefaultWorld, type LocalWorld, localWorld, nodeFolder } from "../world.ts";
import { engineAnswers } from "./engine-things.ts";
import { LAUNCHER_PACKAGES, removeLauncherPackages } from "./launcher-packages.ts";
import { type OwnRoot, rootState } from "./ownership.ts";

/** After everything of the engine's: images, tools and files that `up` brought, and only those. */
export async function removeEverything(
  world: LocalWorld,
  root: OwnRoot | undefined,
  { keepImages }: { keepImages: boolean },
): Promise<void> {
  const others = await otherWorlds(world);
  if (!keepImages && others.length === 0 && (await engineAnswers())) {
    // A world of old did not write down that it pulled; on an engine it brought nobody else had before.
    const record = parseRecord(await filesBelow(world.root).read(INSTALLED_PATH));
    const pulledBase = root?.unlabelled === true && record !== undefined && isOwnEngine(record);
    await progress.step("images", (detail) => removeOwnImages({ pulledBase, detail }));
  }
  if (root === undefined) return;
  await progress.step("tools that up installed", async (detail) => {
    await removeTools(world, others, detail);
    await removeLauncherPackages(world.root, detail);
  });
  await progress.step(`files below ${world.root}`, async (detail) => {
    await removeRunFolder(world);
    await removeRoot(world, detail);
    if (isDefaultWorld(world)) await removeComposeVariables();
  });
}

/** What cannot go yet, because others came to need it, is remembered where the next `down --purge` looks. */
async function removeTools(
  world: LocalWorld,
  others: readonly LocalWorld[],
  detail: (text: string) => void,
): Promise<void> {
  const code = await runAgent(world, ["install", "--remove"]);
  if (code === 0) return;
  detail(`greenleaf-agent install --remove ended with code ${code}`);
  const record = parseRecord(await filesBelow(world.root).read(INSTALLED_PATH));
  const heir = others[0];
  if (record === undefined || heir === undefined) return;
  const files = filesBelow(heir.root);
  const its = parseRecord(await files.read(INSTALLED_PATH)) ?? newRecord(record.packager);
  await files.write(INSTALLED_PATH, recordText(recorded(its, record)), { mode: 0o644 });
  await filesBelow(world.root).remove(INSTALLED_PATH);
  detail(`what it installed stays for project "${heir.project}", whose down --purge removes it`);
}

/** Other local worlds on this machine: they run on the same images and the same engine. */
async function otherWorlds({ root }: LocalWorld): Promise<LocalWorld[]> {
  const folders = (await Array.fromAsync(glob("/var/lib/*-local"))).filter((folder) => folder !== root);
  const worlds = folders.flatMap((folder) => {
    try {
      return [localWorld({ project: basename(folder).replace(/-local$/, "") })];
    } catch {
      // Not a name that a world can have.
      return [];
    }
  });
  const states = await Promise.all(worlds.map(rootState));
  return worlds.filter((_, index) => typeof states[index] === "object");
}

/** The folder in memory that this root's own link names. */
async function removeRunFolder(world: LocalWorld): Promise<void> {
  const folder = await readlink(nodeFolder(world, "run/greenleaf")).catch(() => undefined);
  if (folder !== `/run/${world.project}-local` && folder !== `/dev/shm/${world.project}-local`) return;
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory() && found.uid === 0) await rm(folder, { recursive: true, force: true });
}

/** All of it, but for the records of what was installed and has to stay. */
async function removeRoot({ root }: LocalWorld, detail: (text: string) => void): Promise<void> {
  const files = filesBelow(root);
  const records = [INSTALLED_PATH, LAUNCHER_PACKAGES];
  const kept = await Promise.all(records.map(async (path) => ({ path, text: await files.read(path) })));
  await rm(root, { recursive: true, force: true });
  for (const { path, text } of kept) {
    if (text === undefined) continue;
    await files.write(path, text, { mode: 0o644 });
    detail(`${join(root, path)} says what stayed installed; run down --purge again when nobody needs it`);
  }
}

async function removeComposeVariables(): Promise<void> {
  const text = await readFile(COMPOSE_VARIABLES, "utf8").catch(() => "");
  if (text.startsWith(COMPOSE_VARIABLES_HEAD)) await rm(COMPOSE_VARIABLES, { force: true });
}
