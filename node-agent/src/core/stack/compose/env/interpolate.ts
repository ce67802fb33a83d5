/** Looks a variable up; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** Told of a variable that is not set and has no default: it becomes an empty string, as in `docker compose`. */
export type Blank = (name: string) => void;

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
 * `$$`; the right-hand sides may nest.
 */
export function interpolate(
  template: string,
  lookup: Lookup,
  blank: Blank = () => undefined,
): string | InterpolationProblem {
  let result = "";
  for (let at = 0; at < template.length; ) {
    const dollar = template.indexOf("$", at);
    if (dollar === -1) return result + template.slice(at);
    const part = readPart(template, dollar, { lookup, blank });
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

interface Variables {
  lookup: Lookup;
  blank: Blank;
}

function valueOf(name: string, { lookup, blank }: Variables): string {
  const value = lookup(name);
  if (value === undefined) blank(name);
  return value ?? "";
}

function readPart(template: string, dollar: number, variables: Variables): Part | InterpolationProblem {
  const next = template[dollar + 1];
  if (next === "$") return { text: "$", end: dollar + 2 };
  if (next === "{") return readBraced(template, dollar, variables);
  const name = NAME.exec(template.slice(dollar + 1))?.[0];
  if (name === undefined) return new InterpolationProblem(`a lone $ in "${template}": write $$ for a dollar sign`);
  return { text: valueOf(name, variables), end: dollar + 1 + name.length };
}

function readBraced(template: string, dollar: number, variables: Variables): Part | InterpolationProblem {
  const close = closingBrace(template, dollar);
  if (close === -1) return new InterpolationProblem(`"\${" is never closed in "${template}"`);
  const text = substitute(template.slice(dollar + 2, close), variables);
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

function substitute(inner: string, variables: Variables): string | InterpolationProblem {
  const name = NAME.exec(inner)?.[0];
  if (name === undefined) return new InterpolationProblem(`"\${${inner}}" names no variable`);
  const rest = inner.slice(name.length);
  if (rest === "") return valueOf(name, variables);
  const [operator, colon, sign] = /^(:?)([-?+])/.exec(rest) ?? [];
  if (operator === undefined) return new InterpolationProblem(`"\${${inner}}" is not a form of interpolation`);
  const value = variables.lookup(name);
  const given = colon === ":" && value === "" ? undefined : value;
  // A right-hand side that is not taken leaves nothing blank.
  const isTaken = (given === undefined) !== (sign === "+");
  const other = interpolate(rest.slice(operator.length), variables.lookup, isTaken ? variables.blank : undefined);
  if (other instanceof InterpolationProblem) return other;
  return choose(name, { given, sign, other });
}

function choose(
  name: string,
  { given, sign, other }: { given: string | undefined; sign: string | undefined; other: string },
): string | InterpolationProblem {
  if (sign === "+") return given === undefined ? "" : other;
  if (given !== undefined || sign === "-") return given ?? other;
  return new InterpolationProblem(`${name} is required: ${other || "it has no value"}`);
}
