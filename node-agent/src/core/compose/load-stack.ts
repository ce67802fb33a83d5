import { checkReferences } from "./check-references.ts";
import { checkSubset } from "./check-subset.ts";
import { Cursor } from "./cursor.ts";
import { interpolateAll, type Lookup } from "./interpolate.ts";
import { type Path, type Problem, refusal } from "./problems.ts";
import { readNetworks, readVolumes } from "./read-resources.ts";
import { readService } from "./read-service.ts";
import { checkSchema } from "./schema.ts";
import type { Service, Stack } from "./stack.ts";
import { isMapping, readYaml } from "./yaml-source.ts";

export interface StackFile {
  readonly text: string;
  /** Absolute path; relative paths in the file start from its folder. */
  readonly path: string;
  /** Used when the file has no `name`. */
  readonly project: string;
  /** Variables for interpolation and for `environment` keys without a value. */
  readonly variables: Lookup;
}

const PROJECT = /^[a-z0-9][a-z0-9_-]*$/;
const NAME = /^[a-zA-Z0-9._-]+$/;

/** Reads a Compose file of our subset. Throws one ConfigurationError with every problem and its file:line:column. */
export function loadStack({ text, path, project, variables }: StackFile): Stack {
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const source = readYaml(text, path.slice(path.lastIndexOf("/") + 1));
  if (source.problems.length > 0) throw refusal(path, source.problems, source.locate);
  const problems: Problem[] = [];
  const value = interpolateAll(source.value, variables, problems);
  if (problems.length === 0) problems.push(...checkForm(value));
  const found: Problem[] = [];
  const { stack, inactive } = readStack(new Cursor(value, [], found), { path, folder, project, variables });
  problems.push(...withoutTold(found, problems));
  if (problems.length === 0) problems.push(...checkReferences(stack, inactive));
  if (problems.length > 0) throw refusal(path, problems, source.locate);
  return usedOnly(stack);
}

// A network or volume that no service uses is not made, as in `docker compose up`.
function usedOnly(stack: Stack): Stack {
  const networks = new Set(stack.services.flatMap((service) => service.networks.map(({ key }) => key)));
  const volumes = new Set(stack.services.flatMap((service) => service.mounts.map(({ source }) => source)));
  return {
    ...stack,
    networks: stack.networks.filter(({ key }) => networks.has(key)),
    volumes: stack.volumes.filter(({ key }) => volumes.has(key)),
  };
}

function checkForm(value: Parameters<typeof checkSubset>[0]): Problem[] {
  if (!isMapping(value)) return [{ path: [], message: "a Compose file is a mapping with services" }];
  const unknown = checkSubset(value);
  // A mapping with an unknown key fits no form of the schema either; the key is the better thing to tell.
  const misformed = checkSchema(value).filter(({ path }) => !unknown.some((problem) => isWithin(problem.path, path)));
  return [...unknown, ...misformed];
}

// What was refused as a whole is not told a second time for its parts, which nobody could read.
function withoutTold(found: readonly Problem[], told: readonly Problem[]): Problem[] {
  return found.filter(({ path }) => !told.some((problem) => isWithin(path, problem.path)));
}

const isWithin = (path: Path, outer: Path): boolean => outer.every((part, index) => path[index] === part);

interface Context {
  path: string;
  folder: string;
  project: string;
  variables: Lookup;
}

function readStack(root: Cursor, context: Context): { stack: Stack; inactive: ReadonlySet<string> } {
  const project = readProject(root.at("name"), context.project);
  for (const key of ["services", "networks", "volumes"]) checkNames(root.at(key));
  const services = root.at("services").entries();
  if (services.length === 0) root.refuse("there are no services");
  const profiles = (context.variables("COMPOSE_PROFILES") ?? "").split(",");
  const active = services.filter(([, service]) => isActive(service.at("profiles").texts(), profiles));
  const read = active.map(([name, service]) => readService(name, service, context.folder));
  const names = new Set(active.map(([name]) => name));
  const inactive = new Set(services.map(([name]) => name).filter((name) => !names.has(name)));
  const networks = readNetworks(root.at("networks"), project);
  const stack: Stack = {
    project,
    file: context.path,
    folder: context.folder,
    services: read.map((service) => withoutOptional(service, inactive)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    networks,
    volumes: readVolumes(root.at("volumes"), project),
  };
  return { stack, inactive };
}

// A service that is away with its profile is waited for by those only that require it.
function withoutOptional(service: Service, inactive: ReadonlySet<string>): Service {
  const dependsOn = service.dependsOn.filter(({ service: name, required }) => required || !inactive.has(name));
  return { ...service, dependsOn };
}

function readProject(name: Cursor, fallback: string): string {
  const project = name.text() ?? fallback;
  if (!PROJECT.test(project)) name.refuse(`"${project}" is not a project name: use a-z, 0-9, - and _`);
  return project;
}

function checkNames(mapping: Cursor): void {
  for (const [name, item] of mapping.entries()) if (!NAME.test(name)) item.refuse("use a-z, A-Z, 0-9, ., _ and -");
}

const isActive = (profiles: readonly string[], active: readonly string[]): boolean =>
  profiles.length === 0 || active.includes("*") || profiles.some((profile) => active.includes(profile));
