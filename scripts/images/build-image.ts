import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "zx";
import { normaliseImage } from "./archive/normalise.ts";
import { putFile } from "./archive/put-file.ts";
import { type Pins, writePins } from "./base/apt-settings.ts";
import { BuildError, buildFailure } from "./build-error.ts";
import { withContext } from "./context.ts";
import { distFolder, root } from "./folders.ts";
import type { Foundation } from "./prepare-build.ts";
import { provenanceOf } from "./provenance.ts";
import { BAKE_FILE, type Target } from "./recipe.ts";

/** The engine's own builder; any other could not see the images made before. */
const ENGINE_BUILDER = "default";

export interface Building extends Foundation {
  /** Values of the bake file's variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the image is called in the end. */
  readonly tag: string;
  readonly noCache: boolean;
  /** Take exactly the package versions recorded by the last build. */
  readonly recorded: boolean;
  readonly log: (text: string) => void;
}

/** Builds one image, makes it reproducible and tags it. Gives its id. */
export async function buildImage(target: Target, building: Building): Promise<string> {
  const { revision, epoch } = await provenanceOf(target.context);
  const created = new Date(epoch * 1000).toISOString();
  const raw = `greenleaf/${target.name}:building-${process.pid}`;
  const record = await readRecord(target.name);
  await writePins(building.recorded ? pinsOf(record) : new Map());
  try {
    const env = { ...building.variables, RECIPE: building.recipe, REVISION: revision, CREATED: created };
    await withContext(join(root, target.context), (context) => bake(target, raw, { ...building, env, context }));
    const made = await normaliseImage({ from: raw, tag: building.tag, epoch, parentLayers: building.parentLayers });
    await keepRecord(target.name, made.packages, building.recorded ? record : undefined);
    return made.id;
  } finally {
    await $({ quiet: true, nothrow: true })`docker rmi ${raw}`;
  }
}

interface Baking extends Building {
  readonly env: Readonly<Record<string, string>>;
  /** The folder its files are copied from. */
  readonly context: string;
}

async function bake(target: Target, tag: string, { env, context, noCache, log }: Baking): Promise<void> {
  const settings = ["--set", `${target.name}.tags=${tag}`, "--set", `${target.name}.context=${context}`];
  const flags = ["--progress", "plain", ...settings, ...proxyArguments()];
  if (noCache) flags.push("--no-cache");
  const building = $({ quiet: true, nothrow: true, cwd: root, env: { ...process.env, ...env } })`
    docker buildx bake -f ${BAKE_FILE} --builder ${ENGINE_BUILDER} ${flags} ${target.name} 2>&1`;
  let output = "";
  for await (const line of building) {
    output += `${line}\n`;
    const step = /^#\d+ \[(.+)$/.exec(line);
    if (step) log(`greenleaf/${target.name}: [${step[1]}`);
  }
  const path = join(distFolder, `${target.name}.log`);
  await putFile(path, output);
  if ((await building).exitCode === 0) return;
  throw buildFailure(`the image greenleaf/${target.name} could not be built`, output, {
    log: `dist/images/${target.name}.log`,
    again: `./greenleaf images ${target.name}`,
  });
}

/** BuildKit knows these arguments by name: they reach every step and stay out of the image. */
const proxyArguments = (): string[] =>
  ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => {
    const value = process.env[name] ?? process.env[name.toLowerCase()];
    return value ? ["--set", `*.args.${name}=${value}`] : [];
  });

const recordPath = (name: string) => join(distFolder, "packages", `${name}.jsonl`);

const readRecord = (name: string): Promise<string> => readFile(recordPath(name), "utf8").catch(() => "");

export function pinsOf(record: string): Pins {
  const packages = record
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { name: string; version: string });
  return new Map(packages.map(({ name, version }) => [name, version]));
}

/** Writes down the Debian packages an image holds: name, version, architecture and SHA-256, one a line. */
async function keepRecord(name: string, packages: string, expected: string | undefined): Promise<void> {
  if (expected !== undefined && packages !== expected) {
    throw new BuildError(`greenleaf/${name} was not built from the recorded package versions`, {
      code: "build.failed",
      why: "Debian's mirror no longer has them all",
      fix: "build without --recorded, which takes the present ones and records them",
    });
  }
  await putFile(recordPath(name), packages);
}
