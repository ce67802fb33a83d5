import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT } from "../node-agent/src/base/errors.ts";
import { isSet } from "./cli/command.ts";
import { putFile } from "./images/archive/put-file.ts";
import { ensureBaseTag } from "./images/base/base-tag.ts";
import { buildImage } from "./images/build-image.ts";
import { findImage } from "./images/engine.ts";
import { root } from "./images/folders.ts";
import { type Application, OWN_STOREFRONT, stageApplication } from "./images/own-storefront.ts";
import { foundationOf, type Prepared, prepareBuild } from "./images/prepare-build.ts";
import { FIXED_EPOCH } from "./images/provenance.ts";
import { readTargets, selectTargets, type Target } from "./images/recipe.ts";
import { sizeTable } from "./images/size-table.ts";
import { progress } from "./progress.ts";

export interface BuildOptions {
  /** Images to build, with what they stand on; none means all. */
  readonly names?: readonly string[];
  readonly log?: (text: string) => void;
  /** Build even what is up to date, with nothing from the builder's cache: takes Debian's present packages. */
  readonly fresh?: boolean;
  /** Take exactly the package versions the last build recorded, or fail. */
  readonly recorded?: boolean;
  /** Somebody's application that is the storefront instead of ours. */
  readonly storefront?: Application | undefined;
}

/** An image of this checkout in the engine. */
export interface BuiltImage {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Builds what has changed since it was last built, in order, and gives every image asked for by name. */
export async function buildImages(options: BuildOptions = {}): Promise<Record<string, BuiltImage>> {
  const { names = [], log = () => undefined, fresh = false, storefront } = options;
  if (storefront) await stageApplication(storefront);
  const prepared = await prepareBuild(storefront ? ["own"] : []);
  const targets = selectTargets(prepared.targets, names).filter(({ name }) => !storefront || name !== "storefront");
  await ensureBaseTag({ mirrors: prepared.mirrors, epoch: FIXED_EPOCH, log, again: fresh });
  const built: Record<string, BuiltImage> = {};
  for (const target of targets) built[target.name] = await ensureImage(target, { ...options, log, prepared });
  await writeIds(built);
  const own = built[OWN_STOREFRONT];
  return own ? { ...built, storefront: own } : built;
}

interface Ensuring extends BuildOptions {
  readonly log: (text: string) => void;
  readonly prepared: Prepared;
}

async function ensureImage(target: Target, options: Ensuring): Promise<BuiltImage> {
  const { log, prepared, fresh = false, recorded = false } = options;
  const foundation = await foundationOf(target);
  const tag = `greenleaf/${target.name}:local`;
  const present = await findImage(tag);
  if (!fresh && present?.labels["io.greenleaf.recipe"] === foundation.recipe) return present;
  const start = performance.now();
  log(`greenleaf/${target.name}: building`);
  // Each step of the builder on a terminal's live line; in a log only what was built.
  const detail = process.stderr.isTTY ? log : () => undefined;
  const { variables } = prepared;
  const id = await buildImage(target, { ...foundation, variables, tag, noCache: fresh, recorded, log: detail });
  log(`greenleaf/${target.name}: built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  const made = await findImage(id);
  if (!made) throw new Error(`the engine lost ${tag} (${id})`);
  return made;
}

/** dist/images.json: name to id, for whoever starts containers. Images that were not asked for keep their line. */
async function writeIds(built: Readonly<Record<string, BuiltImage>>): Promise<void> {
  const path = join(root, "dist", "images.json");
  const before = JSON.parse(await readFile(path, "utf8").catch(() => "{}")) as Record<string, string>;
  const ids = Object.fromEntries(Object.entries(built).map(([name, { id }]) => [name, id]));
  await putFile(path, `${JSON.stringify({ ...before, ...ids }, undefined, 2)}\n`);
}

/** `./greenleaf images [NAME...]`: prints what is built, or with `--sizes` only what the built ones weigh. */
export async function images(line: ParsedCommandLine, build = buildImages): Promise<number> {
  const { positionals: names } = line;
  if (isSet(line, "sizes")) {
    const targets = selectTargets(await readTargets({}), names);
    process.stdout.write(`${await sizeTable(names.length > 0 ? names : targets.map(({ name }) => name))}\n`);
    return EXIT.ready;
  }
  const options = { names, fresh: isSet(line, "fresh"), recorded: isSet(line, "recorded") };
  const built = await progress.step("images", (log) => build({ ...options, log }));
  for (const [name, { id }] of Object.entries(built)) process.stdout.write(`greenleaf/${name}:local ${id}\n`);
  return EXIT.ready;
}
