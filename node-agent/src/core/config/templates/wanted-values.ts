import { Secret } from "../../../base/secret.ts";
import { readMembers } from "../secret-members.ts";
import { type Values, valueOf } from "./rendering.ts";
import { type Need, references, type Template } from "./template.ts";
import { type NodeFact, type Reference, valueName } from "./template-reference.ts";

/** Full names of what is to be fetched, each once: `/greenleaf/prod/db/host`, `greenleaf/prod/db`. */
export interface Wanted {
  readonly parameters: readonly string[];
  readonly secrets: readonly string[];
}

/** What was fetched, by full name. */
export interface Found {
  readonly parameters: ReadonlyMap<string, string | Secret>;
  readonly secrets: ReadonlyMap<string, Secret>;
}

export interface Resolved {
  readonly values: Values;
  /** How many values the templates ask for. */
  readonly asked: number;
  /** Every value that is not there, with what needs it; never holds a value. */
  readonly missing: readonly string[];
}

/** What the templates ask AWS for, below the node's parameters path. */
export function wantedNames(path: string, templates: readonly Template[]): Wanted {
  const names = (kind: Reference["kind"]) =>
    templates
      .flatMap(references)
      .flatMap(({ reference }) => (reference.kind === kind ? [fullName(path, reference)] : []));
  return { parameters: [...new Set(names("ssm"))], secrets: [...new Set(names("secret"))] };
}

/** Values by the names the templates ask for. */
export function resolveValues(
  { path, facts }: { path: string; facts: Readonly<Record<NodeFact, string | undefined>> },
  templates: readonly Template[],
  found: Found,
): Resolved {
  const values = new Map<string, string | Secret>();
  const reasons = new Map<string, string>();
  const needs = Map.groupBy(templates.flatMap(references), ({ reference }) => valueName(reference));
  for (const [name, [need]] of needs) {
    if (need === undefined) continue;
    const value = lookUp(need.reference, { path, facts, found });
    if (value instanceof Unreadable) reasons.set(name, value.why);
    else if (value !== undefined) values.set(name, value);
  }
  const missing = [...needs].flatMap(([name, all]) => {
    const unmet = all.filter(
      ({ reference }) => reference.from === undefined && valueOf(reference, values) === undefined,
    );
    return unmet.length === 0 ? [] : [missingText(path, unmet, reasons.get(name))];
  });
  return { values, asked: needs.size, missing };
}

/** A value that is there but cannot be read. */
class Unreadable {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

interface Sources {
  readonly path: string;
  readonly facts: Readonly<Record<string, string | undefined>>;
  readonly found: Found;
}

function lookUp(reference: Reference, { path, facts, found }: Sources): string | Secret | Unreadable | undefined {
  if (reference.kind === "node") return facts[reference.name];
  const name = fullName(path, reference);
  if (reference.kind === "ssm") return found.parameters.get(name);
  const text = found.secrets.get(name);
  const key = secretKey(reference.name);
  return text === undefined || key === undefined ? text : member(text, key);
}

function member(text: Secret, key: string): Secret | Unreadable {
  const read = readMembers(text.reveal());
  if (!read.ok) return new Unreadable(read.why);
  const value = read.members.get(key);
  return value === undefined ? new Unreadable(`the secret has no ${JSON.stringify(key)}`) : new Secret(value);
}

function fullName(path: string, { kind, name }: Reference): string {
  return kind === "secret" ? `${path.slice(1)}/${name.split("#", 1)[0]}` : `${path}/${name}`;
}

function secretKey(name: string): string | undefined {
  return name.includes("#") ? name.slice(name.indexOf("#") + 1) : undefined;
}

function missingText(path: string, needs: readonly Need[], why: string | undefined): string {
  const [first] = needs;
  const reference = first?.reference ?? { kind: "ssm", name: "", urlencode: false };
  const key = reference.kind === "secret" ? secretKey(reference.name) : undefined;
  const full = reference.kind === "node" ? valueName(reference) : fullName(path, reference);
  const told = `${full}${key === undefined ? "" : `#${key}`}${why === undefined ? "" : ` (${why})`}`;
  return `${told}: needed by ${needs.map((need) => `${need.key} at ${need.place}`).join(", ")}`;
}
