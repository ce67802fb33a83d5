import type { Resource } from "../../scripts/fleet/resource.ts";
import { wiredPaths } from "./attributes/wiring.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Path = ReadonlyArray<string | number>;

/** One argument of one resource, changed in one way. */
export interface DrawnMutant {
  readonly address: string;
  readonly path: Path;
  readonly operator: string;
  readonly from: Json;
  /** Undefined: the argument is gone. */
  readonly to: Json | undefined;
}

/** Arguments that say something to people only: a changed one is no fault. */
const FOR_PEOPLE: readonly RegExp[] = [
  // A wrong description refuses, opens and costs nothing.
  /^description$|entry\.\d+\.description$/,
  // Tags have policies of their own (CKV_AWS_153, OWN-TAGS); the provider's defaults repeat them at every resource.
  /^tags(_all)?\b|tag_specifications\.\d+\.tags/,
];

/** Every mutant that the arguments of a plan give, and every reference of its state: in a fixed order. */
export function drawnMutants(plan: readonly Resource[], state: readonly Resource[]): readonly DrawnMutant[] {
  const known = new Map(state.map(({ address, values }) => [address, values]));
  // What AWS would compute is a random word in a mocked state: only another resource's id or ARN is a reference.
  const names = new Set(
    state.flatMap(({ values }) => [values.id, values.arn]).filter((name) => typeof name === "string"),
  );
  return plan.flatMap(({ address, type, values }) => [
    ...leaves(values as Json).flatMap(({ path, value }) => mutantsOf(address, path, value)),
    ...leaves((known.get(address) ?? {}) as Json)
      .filter(({ path, value }) => wiredPaths(type).includes(shapeOf(path)) && names.has(value as string))
      .filter(({ path }) => at(values as Json, path) === undefined)
      .map(({ path, value }) => ({ address, path, operator: "removed reference", from: value, to: undefined })),
  ]);
}

/** `n` of them, the same ones for the same seed. */
export function sample<T>(all: readonly T[], n: number, seed: number): readonly T[] {
  const random = randomOf(seed);
  return all
    .map((value) => ({ value, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, n)
    .map(({ value }) => value);
}

/** The resources with the mutant in its place; the argument is changed whether it was known before or not. */
export function planted(resources: readonly Resource[], { address, path, to }: DrawnMutant): readonly Resource[] {
  return resources.map((resource) => {
    if (resource.address !== address || at(resource.values as Json, path) === undefined) return resource;
    const values = structuredClone(resource.values) as Record<string, unknown>;
    put(values, path, to);
    return { ...resource, values };
  });
}

function mutantsOf(address: string, path: Path, from: Json): DrawnMutant[] {
  if (from === null || from === undefined || FOR_PEOPLE.some((pattern) => pattern.test(path.join(".")))) return [];
  const to = changed(from);
  const mutants: DrawnMutant[] = [{ address, path, operator: "changed", from, to }];
  // What is false, empty or nought already is no different when it is left out.
  if (![false, "", 0].includes(from as never))
    mutants.push({ address, path, operator: "removed", from, to: undefined });
  return mutants;
}

function changed(value: Json): Json {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value * 3 + 7;
  if (value === "true" || value === "false") return value === "true" ? "false" : "true";
  if (typeof value === "string" && /^-?\d+$/.test(value)) return String(Number(value) * 3 + 7);
  return typeof value === "string" && value.startsWith("{") ? changedDocument(value) : "mutant";
}

/** A policy that allows for everybody's what it allowed for its own; another document that says the opposite once. */
function changedDocument(text: string): string {
  const wider = text.replace(/"Resource":(?!"\*")("[^"]*"|\[[^\]]*\])/, '"Resource":"*"');
  if (wider !== text) return wider;
  const denied = text.replace('"Effect":"Allow"', '"Effect":"Deny"');
  return denied === text ? text.replace("true", "false").replace(/:"[a-z0-9-]+"/, ':"mutant"') : denied;
}

function leaves(value: Json, path: Path = []): ReadonlyArray<{ path: Path; value: Json }> {
  if (typeof value !== "object" || value === null) return [{ path, value }];
  const entries: ReadonlyArray<readonly [string | number, Json]> = Array.isArray(value)
    ? (value as readonly Json[]).map((inner, index) => [index, inner] as const)
    : Object.entries(value as Record<string, Json>);
  return entries.flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

const shapeOf = (path: Path): string =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[]` : text === "" ? key : `${text}.${key}`),
    "",
  );

function at(value: Json, path: Path): Json | undefined {
  let found: Json | undefined = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string | number, Json>)[key];
  }
  return found ?? undefined;
}

function put(values: Record<string, unknown>, path: Path, to: Json | undefined): void {
  let parent: Record<string | number, unknown> = values;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  if (to !== undefined) parent[last] = to;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
}

// Park and Miller's generator: a fixed sequence, and enough for a sample.
function randomOf(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
