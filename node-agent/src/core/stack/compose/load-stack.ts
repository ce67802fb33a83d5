import { checkModel } from "./check/check-model.ts";
import { checkReferences } from "./check/check-references.ts";
import { APART, folderOf, type StackFile } from "./plugin/question.ts";
import type { Path, Problem } from "./problems.ts";
import { Cursor } from "./read/cursor.ts";
import { isMapping, type PlainMap } from "./read/plain.ts";
import { readNetworks, readVolumes } from "./read/read-resources.ts";
import { readService } from "./read/read-service.ts";
import type { Service, Stack } from "./stack.ts";

const PROJECT = /^[a-z0-9][a-z0-9_-]*$/;

/** A stack, and all in the model that the agent cannot execute: with problems it is not to be used. */
export interface ReadModel {
  readonly stack: Stack;
  readonly problems: readonly Problem[];
}

/** Turns Compose's canonical model of a file into a stack. */
export function stackOf(model: PlainMap, { path, project }: Pick<StackFile, "path" | "project">): ReadModel {
  const problems: Problem[] = [];
  const stack = readModel(new Cursor(model, [], problems), path, project);
  const unknown = checkModel(model);
  const isTold = ({ path }: Problem) => unknown.some((told) => isWithin(path, told.path));
  const found = [...unknown, ...problems.filter((problem) => !isTold(problem))];
  return { stack: usedOnly(stack), problems: found.length > 0 ? found : checkReferences(stack) };
}

const isWithin = (path: Path, outer: Path): boolean => outer.every((part, index) => path[index] === part);

function readModel(root: Cursor, path: string, fallback: string): Stack {
  const folder = folderOf(path);
  const apart = root.at(APART);
  const project = readProject(root.at("name").with(apart.at("name").value ?? fallback));
  const services = root.at("services").entries();
  const names = new Set(services.map(([name]) => name));
  const keptOf = (name: string) => {
    const kept = apart.at("services").at(name).value;
    return isMapping(kept) ? kept : undefined;
  };
  return {
    project,
    file: path,
    folder,
    services: services
      .map(([name, service]) => readService(name, service, { folder, apart: keptOf(name) }))
      .map((service) => withoutAway(service, names))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    networks: readNetworks(root.at("networks")),
    volumes: readVolumes(root.at("volumes")),
  };
}

// A service that is away with its profile is waited for by those only that require it.
function withoutAway(service: Service, names: ReadonlySet<string>): Service {
  return { ...service, dependsOn: service.dependsOn.filter(({ service: name }) => names.has(name)) };
}

function readProject(name: Cursor): string {
  const project = name.text() ?? "";
  if (!PROJECT.test(project)) name.refuse(`"${project}" is not a project name: use a-z, 0-9, - and _`);
  return project;
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
