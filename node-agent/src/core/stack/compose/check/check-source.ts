import { InterpolationProblem, interpolate, type Lookup } from "../env/interpolate.ts";
import { APART, profilesOf } from "../plugin/question.ts";
import type { Path, Problem } from "../problems.ts";
import { isMapping, type Plain, type PlainMap } from "../read/plain.ts";
import { checkSubset } from "./check-subset.ts";

/** What Compose would refuse one at a time or pass over in silence, looked for in the file itself. */
export interface SourceCheck {
  readonly problems: readonly Problem[];
  /** What is no fault but may not be what was meant. */
  readonly remarks: readonly Problem[];
}

const NAME = /^[a-zA-Z0-9._-]+$/;
const NO_BREAK_SPACE = "\u00a0";
/** Before a key, or between one (or a dash) and its value: YAML takes it there for a part of a text. */
const BLANK_WANTED = /^\s*(\u00a0|-\u00a0|(- )?[\w.-]+:\u00a0)/;

/** Compose ends a line there, as YAML 1.1 did, and others do not: what follows is a comment to one and a key to the other. */
const OTHER_LINE_END = /[\u0085\u2028\u2029]|\r(?!$)/;

/** Characters that look like nothing, end a line for one reader alone, or stand for bytes that are no text. */
export function checkText(text: string, file: string): Problem[] {
  return text.split("\n").flatMap((line, index) => {
    const at = (offset: number) => ({ path: [], at: `${file}:${index + 1}:${offset + 1}` });
    const end = OTHER_LINE_END.exec(line);
    if (end) return [{ ...at(end.index), message: otherLineEnd(end[0]) }];
    const broken = line.indexOf("\ufffd");
    if (broken !== -1) return [{ ...at(broken), message: "bytes that are not UTF-8: save the file as UTF-8" }];
    const blank = BLANK_WANTED.test(line) ? line.indexOf(NO_BREAK_SPACE) : -1;
    if (blank !== -1) return [{ ...at(blank), message: "a no-break space (U+00A0) where a plain one belongs" }];
    return [];
  });
}

function otherLineEnd(found: string): string {
  const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `U+${code} ends a line for Compose and for nobody else: write \\u${code} in double quotes where it is meant`;
}

export function checkSource(value: Plain, lookup: Lookup): SourceCheck {
  if (!isMapping(value)) return refused("a Compose file is a mapping with services");
  const services = value["services"];
  if (!isMapping(services) || Object.keys(services).length === 0) return refused("there are no services");
  if (APART in value) return refused(`the top-level key ${APART} is the agent's own`);
  const away = awayWithProfile(services, lookup);
  const problems = [
    ...checkSubset(value),
    ...checkNames(value),
    ...checkImages(services),
    ...checkDependencies(services, away),
  ];
  const remarks: Problem[] = [...away].map((name) => ({
    path: ["services", name],
    message: "is left out: none of its profiles is active",
  }));
  walk(value, [], { lookup, problems, remarks });
  return { problems, remarks };
}

const refused = (message: string): SourceCheck => ({ problems: [{ path: [], message }], remarks: [] });

function checkNames(value: PlainMap): Problem[] {
  return ["services", "networks", "volumes"].flatMap((kind) =>
    Object.keys(isMapping(value[kind]) ? value[kind] : {})
      .filter((name) => !NAME.test(name) && !name.startsWith("x-"))
      .map((name) => ({ path: [kind, name], message: "use a-z, A-Z, 0-9, ., _ and -" })),
  );
}

function checkImages(services: PlainMap): Problem[] {
  return Object.entries(services)
    .filter(([, body]) => isMapping(body) && (body["image"] ?? "") === "" && body["build"] === undefined)
    .map(([name]) => ({ path: ["services", name, "image"], message: "a service needs an image" }));
}

interface Dependency {
  readonly path: Path;
  readonly on: string;
  readonly isRequired: boolean;
}

function dependenciesOf(service: string, body: Plain | undefined): Dependency[] {
  const dependsOn = isMapping(body) ? body["depends_on"] : undefined;
  const path = ["services", service, "depends_on"];
  if (Array.isArray(dependsOn)) {
    return dependsOn.flatMap((on, index) =>
      typeof on === "string" ? [{ path: [...path, index], on, isRequired: true }] : [],
    );
  }
  return Object.entries(isMapping(dependsOn) ? dependsOn : {}).map(([on, how]) => {
    return { path: [...path, on], on, isRequired: !(isMapping(how) && how["required"] === false) };
  });
}

// Compose drops a service that may be missing, whether its profile is away or its name is misspelt.
function checkDependencies(services: PlainMap, away: ReadonlySet<string>): Problem[] {
  return Object.entries(services)
    .filter(([name]) => !away.has(name))
    .flatMap(([name, body]) => dependenciesOf(name, body))
    .flatMap(({ path, on, isRequired }) => {
      const isKnown = Object.hasOwn(services, on) || on.includes("$");
      if (!isKnown) return [{ path, message: `no service "${on}" in this file` }];
      if (!isRequired || !away.has(on)) return [];
      return [{ path, message: `service "${on}" belongs to no active profile` }];
    });
}

/** Services of profiles that are not active: they vanish from the model. */
function awayWithProfile(services: PlainMap, lookup: Lookup): Set<string> {
  const active = profilesOf(lookup);
  const isAway = (body: Plain) => {
    const profiles = isMapping(body) && Array.isArray(body["profiles"]) ? body["profiles"] : [];
    return profiles.length > 0 && !active.includes("*") && !profiles.some((name) => active.some((one) => one === name));
  };
  return new Set(Object.keys(services).filter((name) => isAway(services[name] ?? null)));
}

interface Walk {
  readonly lookup: Lookup;
  readonly problems: Problem[];
  readonly remarks: Problem[];
}

function walk(value: Plain, path: Path, found: Walk): void {
  if (typeof value === "string") return checkString(value, path, found);
  if (Array.isArray(value)) return value.forEach((item, index) => walk(item, [...path, index], found));
  if (!isMapping(value)) return;
  for (const [name, item] of Object.entries(value)) {
    const place = [...path, name];
    if (name.includes(NO_BREAK_SPACE)) found.problems.push({ path: place, message: "holds a no-break space (U+00A0)" });
    // What an extension holds is read where something refers to it.
    if (!name.startsWith("x-")) walk(item, place, found);
  }
}

function checkString(text: string, path: Path, { lookup, problems, remarks }: Walk): void {
  const blank = (name: string) => {
    remarks.push({ path, message: `${name} is not set and has no default: it is empty here` });
  };
  const result = interpolate(text, lookup, blank);
  if (result instanceof InterpolationProblem) problems.push({ path, message: result.message });
  else if (isEmptyAddress(result, path)) problems.push({ path, message: EMPTY_ADDRESS });
  if (text.startsWith(NO_BREAK_SPACE) || text.endsWith(NO_BREAK_SPACE)) {
    problems.push({ path, message: "begins or ends with a no-break space (U+00A0)" });
  }
}

/** What a variable that is empty leaves of an address: Compose and the engine take it for every one, in silence. */
const EMPTY_ADDRESS = "an empty address is every one of the machine: leave it away with its colon, or write 0.0.0.0";

function isEmptyAddress(text: string, path: Path): boolean {
  const [kind, , key, , member] = path;
  if (kind !== "services" || key !== "ports") return false;
  return member === undefined ? /^(\[\])?:/.test(text) : member === "host_ip" && text === "";
}
