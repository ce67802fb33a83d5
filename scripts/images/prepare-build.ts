import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findMirrors, type Mirrors, writeBuildSecrets } from "./base/apt-settings.ts";
import { BASE_TAG } from "./base/base-tag.ts";
import { type EngineImage, findEngine, findImage } from "./engine.ts";
import { root } from "./folders.ts";
import { ensurePackages, pinnedPackages } from "./npm-packages.ts";
import { readTargets, recipeOf, type Target } from "./recipe.ts";

export interface Prepared {
  /** Every image of the bake file, parents first. */
  readonly targets: readonly Target[];
  /** Values of the bake file's variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly mirrors: Mirrors;
}

/** What has to be there before any image is built: engine, pinned Node and npm, this machine's settings as secrets. */
export async function prepareBuild(groups: readonly string[] = []): Promise<Prepared> {
  const { architecture } = await findEngine();
  const { node, npm } = await pinnedPackages(architecture);
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const variables = { VERSION: version, NODE_VERSION: node.version, NPM_VERSION: npm.version };
  const mirrors = await findMirrors();
  await writeBuildSecrets(mirrors);
  await ensurePackages([node, npm]);
  return { targets: await readTargets(variables, groups), variables, mirrors };
}

export interface Foundation {
  readonly recipe: string;
  /** diff_ids of every image below. */
  readonly parentLayers: ReadonlySet<string>;
}

/** What an image stands on right now. */
export async function foundationOf(target: Target): Promise<Foundation> {
  const names = [BASE_TAG, ...target.parents.map((name) => `greenleaf/${name}:local`)];
  const found = await Promise.all(names.map(findImage));
  const parents = found.filter((image): image is EngineImage => image !== undefined);
  return {
    recipe: await recipeOf(
      target,
      parents.map(({ id }) => id),
    ),
    parentLayers: new Set(parents.flatMap(({ layers }) => layers)),
  };
}
