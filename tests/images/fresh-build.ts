import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "zx";
import { buildImage } from "../../scripts/images/build-image.ts";
import { findImage } from "../../scripts/images/engine.ts";
import { distFolder } from "../../scripts/images/folders.ts";
import { imageFacts } from "../../scripts/images/image-facts.ts";
import { foundationOf, prepareBuild } from "../../scripts/images/prepare-build.ts";

/** An image built with nothing from the builder's cache, under a tag of the test's own. Gives its tag. */
export async function freshBuild(name: string, tag: string, { recorded }: { recorded: boolean }): Promise<string> {
  const { targets, variables } = await prepareBuild();
  const target = targets.find((target) => target.name === name);
  if (!target) throw new Error(`the bake file has no target ${name}`);
  const image = `greenleaf/${name}:${tag}`;
  const foundation = await foundationOf(target);
  await buildImage(target, { ...foundation, variables, tag: image, noCache: true, recorded, log: () => undefined });
  return image;
}

/** The Debian packages the last build of an image recorded; none for an image that brings none of its own. */
export const packageRecord = (name: string): Promise<string> =>
  readFile(join(distFolder, "packages", `${name}.jsonl`), "utf8").catch(() => "");

export async function removeImage(image: string): Promise<void> {
  if (await findImage(image)) await $({ quiet: true })`docker rmi ${image}`;
}

export async function inspect(image: string): Promise<{ Id: string; RootFS: { Layers: string[] }; Config: unknown }> {
  const found = await $({ quiet: true })`docker image inspect ${image}`;
  const [facts] = JSON.parse(found.stdout) as [{ Id: string; RootFS: { Layers: string[] }; Config: unknown }];
  return facts;
}

/** The files in which two images differ, layer by layer; empty when only times or order do. */
export async function differingFiles(one: string, two: string): Promise<string[]> {
  const lines = async (image: string) => {
    const { layers } = await imageFacts(image);
    return layers.flatMap(({ files }, layer) => files.map((file) => `${layer} ${Object.values(file).join(" ")}`));
  };
  const [a, b] = [new Set(await lines(one)), new Set(await lines(two))];
  return [...[...a].filter((line) => !b.has(line)), ...[...b].filter((line) => !a.has(line))].sort();
}
