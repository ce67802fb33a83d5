import type { Problem } from "./problems.ts";
import { isMapping, type Plain } from "./yaml-source.ts";

/** Looks a variable up; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** What is wrong with a template, as in "V is required: the release names it". */
export class InterpolationProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/**
 * Replaces `$V`, `${V}`, `${V:-default}`, `${V-default}`, `${V:?error}`, `${V?error}`, `${V:+other}`, `${V+other}` and
 * `$$`; the right-hand sides may nest. An unset variable is an empty string, as in `docker compose`.
 */
export function interpolate(template: string, lookup: Lookup): string | InterpolationProblem {
  let result = "";
  for (let at = 0; at < template.length; ) {
    const dollar = template.indexOf("$", at);
    if (dollar === -1) return result + template.slice(at);
    const part = readPart(template, dollar, lookup);
    if (part instanceof InterpolationProblem) return part;
    result += template.slice(at, dollar) + part.text;
    at = part.end;
  }
  return result;
}

interface Part {
  text: string;
  end: number;
}

function readPart(template: string, dollar: number, lookup: Lookup): Part | InterpolationProblem {
  const next = template[dollar + 1];
  if (next === "$") return { text: "$", end: dollar + 2 };
  if (next === "{") return readBraced(template, dollar, lookup);
  const name = NAME.exec(template.slice(dollar + 1))?.[0];
  if (name === undefined) return new InterpolationProblem(`a lone $ in "${template}": write $$ for a dollar sign`);
  return { text: lookup(name) ?? "", end: dollar + 1 + name.length };
}

function readBraced(template: string, dollar: number, lookup: Lookup): Part | InterpolationProblem {
  const close = closingBrace(template, dollar);
  if (close === -1) return new InterpolationProblem(`"\${" is never closed in "${template}"`);
  const text = substitute(template.slice(dollar + 2, close), lookup);
  return text instanceof InterpolationProblem ? text : { text, end: close + 1 };
}

function closingBrace(template: string, dollar: number): number {
  let open = 0;
  for (let at = dollar; at < template.length; at += 1) {
    if (template.startsWith("${", at)) {
      open += 1;
      at += 1;
    } else if (template[at] === "}") {
      open -= 1;
      if (open === 0) return at;
    }
  }
  return -1;
}

function substitute(inner: string, lookup: Lookup): string | InterpolationProblem {
  const name = NAME.exec(inner)?.[0];
  if (name === undefined) return new InterpolationProblem(`"\${${inner}}" names no variable`);
  const rest = inner.slice(name.length);
  const value = lookup(name);
  if (rest === "") return value ?? "";
  const [operator, colon, sign] = /^(:?)([-?+])/.exec(rest) ?? [];
  if (operator === undefined) return new InterpolationProblem(`"\${${inner}}" is not a form of interpolation`);
  const other = interpolate(rest.slice(operator.length), lookup);
  if (other instanceof InterpolationProblem) return other;
  return choose(name, { given: colon === ":" && value === "" ? undefined : value, sign, other });
}

function choose(
  name: string,
  { given, sign, other }: { given: string | undefined; sign: string | undefined; other: string },
): string | InterpolationProblem {
  if (sign === "+") return given === undefined ? "" : other;
  if (given !== undefined || sign === "-") return given ?? other;
  return new InterpolationProblem(`${name} is required: ${other || "it has no value"}`);
}

/** Interpolates every string of a value; keys are left as they are. */
export function interpolateAll(value: Plain, lookup: Lookup, problems: Problem[]): Plain {
  const walk = (plain: Plain, path: ReadonlyArray<string | number>): Plain => {
    if (typeof plain === "string") {
      const text = interpolate(plain, lookup);
      if (typeof text === "string") return text;
      problems.push({ path, message: text.message });
      return "";
    }
    if (Array.isArray(plain)) return plain.map((item, index) => walk(item, [...path, index]));
    if (!isMapping(plain)) return plain;
    return Object.fromEntries(Object.entries(plain).map(([name, item]) => [name, walk(item, [...path, name])]));
  };
  return walk(value, []);
}
