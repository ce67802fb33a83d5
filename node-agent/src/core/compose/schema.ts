import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import schema from "../../../../compose/compose-spec.json" with { type: "json" };
import type { Path, Problem } from "./problems.ts";
import { SERVICE, SUBSET } from "./subset.ts";
import type { Plain } from "./yaml-source.ts";

let compiled: ValidateFunction | undefined;

/** Checks a file against the official Compose schema (compose/compose-spec.json). Unknown keys are checkSubset's. */
export function checkSchema(value: Plain): Problem[] {
  compiled ??= compile();
  if (compiled(value)) return [];
  return deepest((compiled.errors ?? []).filter(tells)).map(({ path, messages }) => ({
    path,
    message: [...new Set(messages)].join(", or "),
  }));
}

// Compiling costs more than checking: what the subset refuses anyway is left out of the schema first.
function compile(): ValidateFunction {
  const { $schema: _draft, properties, definitions, ...rest } = schema as typeof schema & Record<string, unknown>;
  const service = { ...definitions.service, properties: only(definitions.service.properties, SERVICE.keys ?? {}) };
  const slim = { ...rest, properties: only(properties, SUBSET.keys ?? {}), definitions: { ...definitions, service } };
  // One file is checked with it: what costs time now to save time later is left out.
  const compiling = { inlineRefs: false, code: { optimize: false } };
  const checking = { allErrors: true, strict: false, validateFormats: false, validateSchema: false };
  return new Ajv({ ...compiling, ...checking }).compile(slim);
}

function only(
  all: Readonly<Record<string, unknown>>,
  kept: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(kept, name)));
}

const tells = ({ keyword }: ErrorObject): boolean =>
  !["additionalProperties", "oneOf", "anyOf", "if"].includes(keyword);

interface Told {
  path: Path;
  messages: string[];
}

// A value that fits none of several forms fails each of them; the failure deepest inside is the one that was meant.
function deepest(errors: readonly ErrorObject[]): Told[] {
  const told = new Map<string, Told>();
  for (const { instancePath, message = "is not valid" } of errors) {
    const entry = told.get(instancePath) ?? { path: toPath(instancePath), messages: [] };
    entry.messages.push(message);
    told.set(instancePath, entry);
  }
  const pointers = [...told.keys()];
  return [...told].filter(([pointer]) => !pointers.some((other) => other.startsWith(`${pointer}/`))).map(([, e]) => e);
}

function toPath(pointer: string): Path {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
