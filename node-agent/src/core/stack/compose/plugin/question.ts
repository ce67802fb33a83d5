import type { Lookup } from "../env/interpolate.ts";
import { isMapping, type Plain, type PlainMap } from "../read/plain.ts";

/** A Compose file, and what it is read with. */
export interface StackFile {
  readonly text: string;
  /** Absolute path; relative paths in the file start from its folder. */
  readonly path: string;
  /** Used when the file has no `name`. */
  readonly project: string;
  /** Variables for interpolation and for `environment` keys without a value. */
  readonly variables: Lookup;
}

/** What the Compose plugin is asked: the canonical model of a file, with nothing of the machine's or the caller's. */
export interface Question {
  /** The file, and a second document that takes out what Compose must not read. */
  readonly input: string;
  readonly folder: string;
  readonly project: string | undefined;
  readonly profiles: readonly string[];
  /** Those that the file names. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Top-level key under which Compose gives back, interpolated, what it is not to act on: env files, whose contents it
 * would print in the model, commands as they were before it split them into words, and volumes with their modes, of
 * which it passes over those that it does not know.
 */
export const APART = "x-greenleaf";
const KEPT_APART = ["env_file", "command", "entrypoint", "volumes"] as const;

/** Compose and Docker act on these wherever they find them. */
const OWN = /^(COMPOSE|DOCKER)_/;
const NAMED = /\$\{?([A-Za-z_]\w*)/g;

export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";
export const fileOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The values of the variables that a file may name; unset ones are left out. */
export function namedVariables({ text, variables }: Pick<StackFile, "text" | "variables">): Record<string, string> {
  const names = new Set([...text.matchAll(NAMED)].map(([, name = ""]) => name));
  const pairs = [...names].filter((name) => !OWN.test(name)).map((name) => [name, variables(name)] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

export function profilesOf(variables: Lookup): string[] {
  return (variables("COMPOSE_PROFILES") ?? "").split(",").filter((profile) => profile !== "");
}

export function questionOf(file: StackFile, source: Plain): Question {
  const hasName = isMapping(source) && source["name"] !== undefined && source["name"] !== null;
  return {
    input: `${file.text}\n${secondDocument(source)}`,
    folder: folderOf(file.path),
    project: hasName ? undefined : file.project,
    profiles: profilesOf(file.variables),
    variables: namedVariables(file),
  };
}

// `!reset` takes a key out before Compose acts on it; the rest of the file reaches it byte by byte.
function secondDocument(source: Plain): string {
  const services = isMapping(source) && isMapping(source["services"]) ? source["services"] : {};
  const bodies = Object.entries(services).filter((entry): entry is [string, PlainMap] => isMapping(entry[1]));
  const resets = bodies.map(([name]) => `  ${yamlText(name)}: { env_file: !reset null }`);
  const apart = Object.fromEntries(bodies.map(([name, body]) => [name, keptApart(body)]));
  const name = isMapping(source) && typeof source["name"] === "string" ? { name: source["name"] } : {};
  return ["---", "services:", ...resets, `${APART}: ${yamlText({ ...name, services: apart })}`, ""].join("\n");
}

function keptApart(body: PlainMap): PlainMap {
  const given = KEPT_APART.filter((key) => key === "env_file" || key === "volumes" || typeof body[key] === "string");
  return Object.fromEntries(given.flatMap((key) => (body[key] === undefined ? [] : [[key, body[key]]])));
}

/** The same question about what is left of a file. */
export const questionAbout = (file: StackFile, source: Plain): Question =>
  questionOf({ ...file, text: yamlText(source) }, source);

/** JSON that YAML reads the same way: no character that it takes for unprintable. */
function yamlText(value: Plain): string {
  return JSON.stringify(value).replaceAll(/[^\x20-\x7e]/gu, (char) => {
    return `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
  });
}
