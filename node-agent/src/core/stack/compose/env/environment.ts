import { ConfigurationError } from "../../../../base/errors.ts";
import type { EnvFile, Service, Stack } from "../stack.ts";
import type { Lookup } from "./interpolate.ts";
import { DotenvProblem, readDotenv, readRawDotenv } from "./read-dotenv.ts";

/** Contents of env files by absolute path; a missing file is absent. */
export type EnvFileContents = ReadonlyMap<string, string>;

/** Variables of a container's process, sorted by name; null takes one away that the image sets. */
export type Environment = ReadonlyMap<string, string | null>;

/** Every env file the stack names, each once. */
export function envFilePaths(stack: Stack): string[] {
  return [...new Set(stack.services.flatMap(({ envFiles }) => envFiles.map(({ path }) => path)))];
}

/**
 * What each service's process gets, sorted by name: env files in order, then `environment`. Throws one
 * ConfigurationError with every file that is missing or unreadable; it names keys, never values.
 */
export function resolveEnvironments(
  stack: Stack,
  contents: EnvFileContents,
  variables: Lookup,
): Map<string, Environment> {
  const problems = new Set<string>();
  const resolved = stack.services.map((service) => {
    const environment = resolveEnvironment(service, { contents, variables, problems });
    return [service.name, environment] as const;
  });
  if (problems.size > 0) throw unreadable(stack, [...problems]);
  return new Map(resolved);
}

interface Context {
  contents: EnvFileContents;
  variables: Lookup;
  problems: Set<string>;
}

function resolveEnvironment(service: Service, context: Context): Environment {
  const environment = new Map<string, string | null>();
  for (const file of service.envFiles) {
    for (const [key, value] of readEnvFile(file, environment, context)) environment.set(key, value);
  }
  for (const [key, value] of service.environment) environment.set(key, value ?? context.variables(key) ?? null);
  return new Map([...environment].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readEnvFile(
  file: EnvFile,
  earlier: Environment,
  { contents, variables, problems }: Context,
): ReadonlyMap<string, string> {
  const text = contents.get(file.path);
  if (text === undefined) {
    if (file.required) problems.add(`${file.path}: there is no such file`);
    return new Map();
  }
  const lookup: Lookup = (name) => variables(name) ?? earlier.get(name) ?? undefined;
  const read = file.format === "raw" ? readRawDotenv(text, lookup) : readDotenv(text, lookup);
  if (!(read instanceof DotenvProblem)) return read;
  problems.add(`${file.path}:${read.line}: ${read.message}`);
  return new Map();
}

function unreadable(stack: Stack, problems: readonly string[]): ConfigurationError {
  return new ConfigurationError(`stack: the env files of ${stack.file} cannot be used`, {
    code: "stack.env-file",
    why: `${problems.length} ${problems.length === 1 ? "problem" : "problems"}:`,
    fix: "boot again to render them anew, or correct the template they come from",
    problems,
  });
}
