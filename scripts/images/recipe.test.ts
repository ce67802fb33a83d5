import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { root, workFolder } from "./folders.ts";
import { inOrder, recipeOf, selectTargets, type Target } from "./recipe.ts";

const target = (name: string, ...parents: string[]): Target => ({ name, context: "", definition: {}, parents });

const house = [
  target("backend", "build", "node"),
  target("base", "build"),
  target("build"),
  target("node", "build", "base"),
  target("valkey", "build"),
];

const names = (targets: readonly Target[]) => targets.map(({ name }) => name);

describe("order", () => {
  test("an image comes after everything it is made from", () => {
    expect(names(inOrder(house))).toEqual(["build", "base", "node", "backend", "valkey"]);
  });

  test("an image asked for brings what it stands on and nothing else", () => {
    expect(names(selectTargets(inOrder(house), ["node"]))).toEqual(["build", "base", "node"]);
  });

  test("a name that is no image is refused with the names that are", () => {
    expect(() => selectTargets(house, ["node", "nod", "x"])).toThrow('there is no image "nod", "x"');
  });
});

describe("recipe", () => {
  let context = "";
  const recipe = (parents: string[] = ["sha256:a"], definition: unknown = { args: {} }) =>
    recipeOf({ name: "x", context: context.slice(root.length + 1), definition, parents: [] }, parents);

  beforeEach(async () => {
    await mkdir(workFolder, { recursive: true });
    context = await mkdtemp(join(workFolder, "recipe-"));
    await mkdir(join(context, "src"));
    await writeFile(join(context, "src", "a.txt"), "one");
  });
  afterEach(() => rm(context, { recursive: true }));

  test("is the same for the same files, definition and parents", async () => {
    expect(await recipe()).toBe(await recipe());
  });

  test("changes with a file's bytes, name or mode, a definition and a parent", async () => {
    const seen = new Set([
      await recipe(),
      await recipe(["sha256:b"]),
      await recipe(["sha256:a"], { args: { V: "2" } }),
    ]);
    await writeFile(join(context, "src", "a.txt"), "two");
    seen.add(await recipe());
    await writeFile(join(context, "src", "b.txt"), "");
    seen.add(await recipe());
    await rm(join(context, "src", "b.txt"));
    await writeFile(join(context, "src", "b.txt"), "", { mode: 0o755 });
    seen.add(await recipe());
    expect(seen.size).toBe(6);
  });

  test("is the same whatever the umask the checkout was made under", async () => {
    const seen = new Set<string>();
    for (const mode of [0o600, 0o640, 0o644, 0o664, 0o666]) {
      await chmod(join(context, "src", "a.txt"), mode);
      await chmod(join(context, "src"), mode | 0o711);
      seen.add(await recipe());
    }
    expect(seen.size).toBe(1);
  });

  test("does not see what tools leave beside the sources", async () => {
    const before = await recipe();
    await mkdir(join(context, "node_modules"));
    await writeFile(join(context, "node_modules", "x.js"), "");
    expect(await recipe()).toBe(before);
  });
});
