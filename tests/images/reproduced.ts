import { $ } from "zx";
import { findImage } from "../../scripts/images/engine.ts";

/** Set to 1, every image is built twice again, whatever was shown before. */
const AGAIN = "GREENLEAF_TEST_REPRODUCE";

/** A recipe stands for all that goes into an image, its parents' ids among it: what was shown of it stays true. */
const markOf = (name: string, recipe: string): string => `greenleaf-test/reproduced:${name}-${recipe.slice(0, 32)}`;

/** Whether two builds of this very recipe gave the same bytes on this engine before. */
export async function isShownReproducible(name: string, recipe: string): Promise<boolean> {
  if (process.env[AGAIN] === "1") return false;
  const mark = await findImage(markOf(name, recipe));
  return mark?.labels["recipe"] === recipe;
}

/** Kept by the engine as an image without content, for a fresh checkout has nothing of an earlier run. */
export async function rememberReproducible(name: string, recipe: string): Promise<void> {
  const others = await $({ quiet: true })`docker images --quiet ${`greenleaf-test/reproduced:${name}-*`}`;
  for (const id of new Set(others.stdout.split("\n").filter((line) => line !== "")))
    await $({ quiet: true, nothrow: true })`docker rmi --force ${id}`;
  const change = `LABEL recipe=${recipe}`;
  await $({
    quiet: true,
  })`tar --create --files-from /dev/null | docker import --change ${change} - ${markOf(name, recipe)}`;
}
