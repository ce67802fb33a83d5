import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "zx";
import { UsageError } from "../../node-agent/src/base/errors.ts";
import { contextFiles } from "./context.ts";
import { root } from "./folders.ts";

export const BAKE_FILE = join("images", "docker-bake.hcl");

export interface Target {
  readonly name: string;
  /** From the checkout's root. */
  readonly context: string;
  /** The definition as bake prints it: arguments, labels, secrets. */
  readonly definition: unknown;
  /** Images of ours its Dockerfile names. */
  readonly parents: readonly string[];
}

/** Groups of the bake file that everybody has; `own` is for whoever brings an application. */
const GROUPS = ["build", "default", "local"] as const;

/** Every target of the bake file, parents before children. */
export async function readTargets(
  variables: Readonly<Record<string, string>>,
  groups: readonly string[] = [],
): Promise<Target[]> {
  const printed = await $({ quiet: true, cwd: root, env: { ...process.env, ...variables } })`
    docker buildx bake -f ${BAKE_FILE} --print ${[...GROUPS, ...groups]}`;
  const { target } = JSON.parse(printed.stdout) as { target: Record<string, { context: string; dockerfile: string }> };
  const targets = await Promise.all(
    Object.entries(target).map(async ([name, definition]) => ({
      name,
      context: definition.context,
      definition,
      parents: await parentsIn(join(root, definition.context, definition.dockerfile), name),
    })),
  );
  return inOrder(targets);
}

async function parentsIn(dockerfile: string, name: string): Promise<string[]> {
  const text = await readFile(dockerfile, "utf8").catch(() => "");
  const named = [...text.matchAll(/\bgreenleaf\/([a-z-]+):local\b/g)].map(([, parent]) => parent ?? "");
  return [...new Set(named)].filter((parent) => parent !== name);
}

/** Parents first; otherwise as they came. */
export function inOrder(targets: readonly Target[]): Target[] {
  const byName = new Map(targets.map((target) => [target.name, target]));
  const placed = new Set<Target>();
  const place = (target: Target): void => {
    if (placed.has(target)) return;
    for (const parent of target.parents) {
      const found = byName.get(parent);
      if (found) place(found);
    }
    placed.add(target);
  };
  for (const target of targets) place(target);
  return [...placed];
}

/** The named targets and all they stand on; without names, everything. */
export function selectTargets(targets: readonly Target[], names: readonly string[]): Target[] {
  const known = targets.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`there is no image "${unknown.join('", "')}"`, {
      code: "usage.image",
      why: `${BAKE_FILE} has ${known.join(", ")}`,
      fix: "see ./greenleaf images --help",
    });
  }
  if (names.length === 0) return [...targets];
  const wanted = new Set<string>();
  const want = (name: string): void => {
    wanted.add(name);
    for (const parent of targets.find((target) => target.name === name)?.parents ?? []) want(parent);
  };
  names.forEach(want);
  return targets.filter(({ name }) => wanted.has(name));
}

/** A hash of all an image is made from: its files, its definition, the ids of the images below it, and the last step. */
export async function recipeOf(target: Target, parentIds: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([target.definition, parentIds]));
  for (const step of ["context.ts", "archive/normalise.ts"])
    hash.update(await readFile(join(import.meta.dirname, step)));
  for (const { name, path, mode } of await contextFiles(join(root, target.context))) {
    const content = createHash("sha256").update(await readFile(path));
    hash.update(`\n${name} ${mode.toString(8)} ${content.digest("hex")}`);
  }
  return hash.digest("hex").slice(0, 32);
}
