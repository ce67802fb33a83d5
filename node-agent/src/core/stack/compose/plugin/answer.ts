import { InterpolationProblem, interpolate, type Lookup } from "../env/interpolate.ts";
import type { Path, Problem } from "../problems.ts";
import { isMapping, type Plain, type PlainMap } from "../read/plain.ts";
import { APART } from "./question.ts";

/** The canonical model in Compose's answer; undefined when it is none. Compose doubles every dollar sign in it. */
export function modelOf(answer: string): PlainMap | undefined {
  try {
    const model: unknown = JSON.parse(answer.replaceAll("$$", "$"));
    return isMapping(model) && isMapping(model["services"]) ? (model as PlainMap) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What stands in Compose's model of a file and not in the file as the agent read it: where the two take a text for
 * different things, something could hide in it that no check saw.
 */
export function unseenIn(model: PlainMap, source: Plain, lookup: Lookup): Problem[] {
  const written = membersOf(source, "services");
  return Object.entries(membersOf(model, "services")).flatMap(([name, service]): Problem[] => {
    const own = Object.hasOwn(written, name) ? written[name] : undefined;
    if (own === undefined) return [{ path: ["services", name], message: UNSEEN }];
    const known = namesOf(isMapping(own) ? own["environment"] : undefined, lookup);
    const more = Object.keys(membersOf(service, "environment")).filter((variable) => !known.has(variable));
    return more.map((variable) => ({ path: ["services", name, "environment", variable], message: UNSEEN }));
  });
}

const UNSEEN = "Compose finds this and the agent does not: write the file without what YAML readers disagree about";

function membersOf(value: Plain, key: string): PlainMap {
  const members = isMapping(value) ? value[key] : undefined;
  return isMapping(members) ? members : {};
}

/** The names of an `environment`: a mapping, or a list of `NAME=value` in which variables may stand. */
function namesOf(environment: Plain | undefined, lookup: Lookup): Set<string> {
  if (!Array.isArray(environment)) return new Set(Object.keys(isMapping(environment) ? environment : {}));
  return new Set(
    environment.map((item) => filledIn(typeof item === "string" ? item : "", lookup).split("=", 1)[0] ?? ""),
  );
}

function filledIn(text: string, lookup: Lookup): string {
  const result = interpolate(text, lookup, () => undefined);
  return result instanceof InterpolationProblem ? text : result;
}

const MOST = 300;

/** What Compose said of a file it refuses, with the paths of the file it speaks of, as far as its words tell. */
export function refusalsOf(stderr: string, source: Plain): Problem[] {
  const lines = stderr.split("\n").map((line) => line.trim());
  const said = lines.filter((line) => line !== "" && !line.startsWith("time=") && !line.endsWith("error(s):"));
  const each = said.filter((line) => line.startsWith("error decoding "));
  return (each.length > 0 ? each : [said.join(" ")]).map((words) => refusalIn(words, source));
}

function refusalIn(line: string, source: Plain): Problem {
  const words = line.replaceAll(`${APART}.`, "").replace(/^validating -: /, "");
  const message = `Compose refuses it: ${reasonIn(words).slice(0, MOST) || "it did not say why"}`;
  return { path: namedPlace(words, source) ?? guessedPlace(words, source), message };
}

/** The place stands before the message already. */
const reasonIn = (words: string): string =>
  words
    .replace(/^error (decoding '[^']*'|while interpolating \S+): /, "")
    .replace(/^(services|networks|volumes)\.\S+ /, "")
    .replace(/: invalid compose project$/, "");

function namedPlace(words: string, source: Plain): Path | undefined {
  const [, dotted] = /((?:services|networks|volumes)[.[][\w.[\]-]+)/.exec(words) ?? [];
  if (dotted !== undefined) return dotted.split(/[.[\]]+/).flatMap(part);
  const [, user, kind] = /\bservice "([^"]+)" refers to undefined (network|volume) /.exec(words) ?? [];
  if (user !== undefined) return itemSaid(["services", user, `${kind}s`], words, source);
  const [, member, name] = /\b(service|network|volume) "([^"]+)"/.exec(words) ?? [];
  if (member !== undefined && name !== undefined) return [`${member}s`, name];
  const [, first] = /^dependency cycle detected: (\S+)/.exec(words) ?? [];
  return first === undefined ? undefined : ["services", first, "depends_on"];
}

function part(text: string): Array<string | number> {
  if (text === "") return [];
  return [/^\d+$/.test(text) ? Number(text) : text];
}

/** Some refusals name no key; their words tell which one it is. */
const KEYS: ReadonlyArray<readonly [RegExp, string]> = [
  [/port|proto|ip address/i, "ports"],
  [/mount|volume/i, "volumes"],
  [/healthcheck/i, "healthcheck"],
];

function guessedPlace(words: string, source: Plain): Path {
  const key = KEYS.find(([form]) => form.test(words))?.[1];
  const services = isMapping(source) ? source["services"] : undefined;
  if (key === undefined || !isMapping(services)) return [];
  const having = Object.entries(services).filter(([, body]) => isMapping(body) && body[key] !== undefined);
  const places = having.map(([name]) => itemSaid(["services", name, key], words, source));
  return places.find((place) => place.length > 3) ?? places[0] ?? [];
}

/** The item of a list that the words quote. */
function itemSaid(path: Path, words: string, source: Plain): Path {
  const list = path.reduce<Plain | undefined>((node, key) => (isMapping(node) ? node[String(key)] : undefined), source);
  if (!Array.isArray(list)) return path;
  const tokens = words.split(/\s+/).map((token) => token.replace(/[:,;]+$/, ""));
  const index = tokens
    .filter((token) => token !== "")
    .toSorted((a, b) => b.length - a.length)
    .map((token) => list.findIndex((item) => JSON.stringify(item).includes(token)))
    .find((found) => found !== -1);
  return index === undefined ? path : [...path, index];
}
