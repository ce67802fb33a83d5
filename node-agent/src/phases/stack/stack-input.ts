import { type ContainerSpec, containerSpec } from "../core/compose/container-body.ts";
import { type Environment, envFilePaths, resolveEnvironments } from "../core/compose/environment.ts";
import type { Lookup } from "../core/compose/interpolate.ts";
import { loadStack } from "../core/compose/load-stack.ts";
import type { Stack } from "../core/compose/stack.ts";
import { ConfigurationError } from "../errors.ts";
import type { World } from "../world.ts";

/** Where a stack is described. */
export interface StackInput {
  /** Path of the Compose file, as the node names it (below the root). */
  readonly file: string;
  /** What the file holds, when it is not on disk yet (a plan). */
  readonly text?: string;
  /** Project name when the file has none. */
  readonly project: string;
  readonly variables: Lookup;
  /** Env files that are not on disk yet (a plan), by real path. */
  readonly unwritten?: ReadonlyMap<string, string>;
}

/** A stack with the environments of its services. */
export interface StackSource {
  readonly stack: Stack;
  readonly environments: ReadonlyMap<string, Environment>;
}

/** Reads the Compose file and every env file it names; what is wrong with them is told before the engine is asked. */
export async function readStack(world: World, input: StackInput): Promise<StackSource> {
  const text = input.text ?? (await world.files.read(input.file));
  if (text === undefined) throw noFile(input.file);
  const { project, variables } = input;
  return withEnvironments(world, loadStack({ text, path: world.files.path(input.file), project, variables }), input);
}

/** Reads the env files that the services of this stack name. */
export async function withEnvironments(
  world: World,
  stack: Stack,
  { unwritten, variables }: Pick<StackInput, "unwritten" | "variables">,
): Promise<StackSource> {
  const contents = await readEnvFiles(world, envFilePaths(stack), unwritten ?? new Map());
  return { stack, environments: resolveEnvironments(stack, contents, variables) };
}

async function readEnvFiles(
  { files }: World,
  paths: readonly string[],
  unwritten: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const root = files.path("/");
  const texts = await Promise.all(
    paths.map(
      async (path) => unwritten.get(path) ?? (path.startsWith(root) ? files.read(below(root, path)) : undefined),
    ),
  );
  return new Map(paths.flatMap((path, index) => (texts[index] === undefined ? [] : [[path, texts[index]]])));
}

const below = (root: string, path: string): string => `/${path.slice(root.length).replace(/^\/+/, "")}`;

/** The containers of a stack, given the images that are present. */
export function specify(
  { stack, environments }: StackSource,
  { images, digest }: { images: ReadonlyMap<string, string>; digest: (text: string) => string },
): ReadonlyMap<string, ContainerSpec> {
  return new Map(
    stack.services.map((service) => {
      const environment = environments.get(service.name) ?? new Map<string, string | null>();
      const imageId = images.get(service.image);
      return [service.name, containerSpec(stack, service, { imageId, environment, digest })];
    }),
  );
}

function noFile(file: string): ConfigurationError {
  return new ConfigurationError(`stack: there is no ${file}`, {
    why: "the release's stack archive holds it",
    fix: "boot again to unpack the release, or correct its archive",
  });
}
