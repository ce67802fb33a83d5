import { ConfigurationError } from "../../base/errors.ts";
import { MOUNTS_FOLDER } from "../../base/paths.ts";
import { isText, mapOf, parsed } from "../../base/shape.ts";
import type { Stack } from "../../core/stack/compose/stack.ts";
import { type PlacedMount, placeMounts } from "../../core/stack/placed-mounts.ts";
import { applyOperations, type Boot } from "../phase.ts";
import type { Released, Unpacked } from "../stages.ts";

/** SHA-256 of each file of an unpacked release, by path. */
export const CONTENTS = ".contents.json";

/** The list of an archive's files that its release folder carries. */
export function contentsOf({ world }: Boot, files: ReadonlyMap<string, Uint8Array>): string {
  return `${JSON.stringify(Object.fromEntries([...files].map(([path, bytes]) => [path, world.digest(bytes)])))}\n`;
}

/** Puts what the stack mounts of its release where its content names it; gives the stack that mounts it from there. */
export async function withPlacedMounts(
  boot: Boot & Unpacked,
  stack: Stack,
  contents: string | undefined,
): Promise<Pick<Released, "composed" | "mounts">> {
  const listed = parsed(contents ?? "", mapOf(isText)) as Readonly<Record<string, string>> | undefined;
  // Unpacked by an agent that made no list: mounted from the release's own folder, as that agent did.
  if (listed === undefined) return { composed: stack, mounts: undefined };
  const { files, digest } = boot.world;
  const release = files.path(boot.stack.folder);
  const places = { release, mounts: files.path(MOUNTS_FOLDER), contents: new Map(Object.entries(listed)), digest };
  const result = placeMounts(stack, places);
  const there = await files.list(MOUNTS_FOLDER);
  const missing = result.placed.filter(({ name }) => !there.includes(name));
  const operations = missing.map((mount) => ({
    name: `place ${MOUNTS_FOLDER}/${mount.name.slice(0, 12)}`,
    why: `this release mounts ${[...mount.files.keys()].join(", ").slice(0, 100)}`,
    mount,
  }));
  await applyOperations(boot, "release", operations, ({ mount }) => place(boot, mount));
  return { composed: result.stack, mounts: result.placed.map(({ name }) => name) };
}

async function place(boot: Boot & Unpacked, { name, files }: PlacedMount): Promise<void> {
  const { folder } = boot.stack;
  const { world } = boot;
  const read = [...files].map(async ([path, at]): Promise<[string, Uint8Array]> => {
    const bytes = await world.releaseFiles.read(world.files.path(`${folder}/${path}`));
    if (bytes === undefined) throw damaged(folder, path);
    return [at, bytes];
  });
  await world.releaseFiles.place(`${MOUNTS_FOLDER}/${name}`, new Map(await Promise.all(read)));
}

function damaged(folder: string, path: string): ConfigurationError {
  return new ConfigurationError(`release: ${folder} is damaged`, {
    code: "release.damaged",
    why: `${path} is gone from it; nothing that runs was changed`,
    fix: `remove ${folder}, then boot again: it is unpacked anew`,
  });
}

/** Once the stack of this release runs, nothing mounts what only others had. */
export async function removeOldMounts(boot: Boot & Released): Promise<void> {
  const { mounts, world } = boot;
  if (mounts === undefined) return;
  const old = (await world.files.list(MOUNTS_FOLDER)).filter((name) => !mounts.includes(name));
  const operations = old.map((name) => ({
    name: `remove ${MOUNTS_FOLDER}/${name.slice(0, 12)}`,
    why: "no container mounts it any more",
    path: `${MOUNTS_FOLDER}/${name}`,
  }));
  await applyOperations(boot, "stack", operations, ({ path }) => world.files.remove(path));
}
