import { ConfigurationError } from "../../base/errors.ts";
import { type ContainerSpec, containerSpec } from "../../core/stack/compose/container-body.ts";
import { type Environment, envFilePaths, resolveEnvironments } from "../../core/stack/compose/env/environment.ts";
import type { Lookup } from "../../core/stack/compose/env/interpolate.ts";
import type { Stack } from "../../core/stack/compose/stack.ts";
import { policyProblems, type StackPolicy } from "../../core/stack/policy.ts";
import type { World } from "../../world.ts";
import { loadStack, type Reader } from "./compose-model.ts";

/** Where a stack is described. */
export interface StackInput {
  /** Path of the Compose file, as the node names it (below the root). */
  readonly file: string;
  /** What the file holds, when it is not on disk yet (a plan). */
  readonly text?: string;
  /** Project name when the file has none. */
  readonly project: string;
  readonly variables: Lookup;
  /** What the stack may name on this machine; a release's always has one. */
  readonly policy?: StackPolicy;
  /** Env files that are not on disk yet (a plan), by real path. */
  readonly unwritten?: ReadonlyMap<string, string>;
  /** What the file says, when it has been read already. */
  readonly read?: Stack;
  /** By default nothing is kept, taken out or told. */
  readonly reader?: Reader;
}

/** A stack with the environments of its services. */
export interface StackSource {
  readonly stack: Stack;
  readonly environments: ReadonlyMap<string, Environment>;
}

/** Reads the Compose file and every env file it names; what is wrong with them is told before the engine is asked. */
export async function readStack(world: World, input: StackInput): Promise<StackSource> {
  return withEnvironments(world, input.read ?? (await describedStack(world, input)), input);
}

const SILENT: Reader = { redact: (text) => text, remark: () => undefined };

/** Reads the Compose file, and refuses what its policy does not allow. */
export async function describedStack(world: World, input: StackInput): Promise<Stack> {
  const text = input.text ?? (await world.files.readText(input.file));
  if (text === undefined) throw noFile(input.file);
  const { project, variables, policy, reader = SILENT } = input;
  const stack = await loadStack(world, { text, path: world.files.path(input.file), project, variables }, reader);
  const problems = policy === undefined ? [] : policyProblems(stack, policy);
  if (problems.length > 0) throw forbidden(input.file, problems);
  return stack;
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
    code: "stack.missing",
    why: "the release's stack archive holds it",
    fix: "boot again to unpack the release, or correct its archive",
  });
}

function forbidden(file: string, problems: readonly string[]): ConfigurationError {
  return new ConfigurationError(`stack: ${file} asks for what no release may have`, {
    code: "stack.policy",
    why: `${problems.length} ${problems.length === 1 ? "problem" : "problems"}; nothing was pulled and nothing changed:`,
    fix: "correct the stack and publish it again; docs/decisions/0401-what-a-stack-may-ask.md has the list",
    problems,
  });
}
