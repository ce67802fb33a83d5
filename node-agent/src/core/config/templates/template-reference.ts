import type { Expression, Hash, Mustache, SubExpression } from "handlebars/dist/cjs/handlebars/compiler/base.js";

/** What a template may ask the node for; `id`, `zone`, `type` and `account` exist only on an instance. */
export const NODE_FACTS = ["project", "environment", "role", "region", "id", "zone", "type", "account"] as const;
export type NodeFact = (typeof NODE_FACTS)[number];

/** One `{{...}}`: which value is asked for, and what is said about it. */
export interface Reference {
  readonly kind: "ssm" | "secret" | "node";
  /** As asked: a parameter below the node's path, a secret's `id#key` (or `id` for all of its text), a fact. */
  readonly name: string;
  readonly urlencode: boolean;
  /** Least length in characters. */
  readonly min?: number;
  /** Taken when the value does not exist. */
  readonly default?: string;
  /** Produced by the first-run job: may be missing until that has run. */
  readonly from?: "first-run";
}

/** The name a reference's value is kept under, as in `ssm db/host`. */
export const valueName = (reference: Pick<Reference, "kind" | "name">): string => `${reference.kind} ${reference.name}`;

/** Something wrong at a column (from 0) of the text that was parsed. */
export interface Finding {
  readonly column: number;
  readonly message: string;
}

type Call = Pick<Mustache | SubExpression, "path" | "params" | "hash" | "loc">;
type Settings = Pick<Reference, "min" | "default" | "from">;
type Found<T> = { ok: true; value: T } | { ok: false; findings: readonly Finding[] };

const SHAPES = {
  ssm: { name: /^[\w.-]+(\/[\w.-]+)*$/, example: "db/host", settings: ["min", "default", "from"] },
  secret: { name: /^[\w/+=.@-]+(#[^#]+)?$/, example: "db#password", settings: ["min"] },
  node: { name: new RegExp(`^(${NODE_FACTS.join("|")})$`), example: NODE_FACTS.join(", "), settings: ["default"] },
} as const;

const refused = (column: number, message: string): { ok: false; findings: readonly Finding[] } => ({
  ok: false,
  findings: [{ column, message }],
});

/** Reads `ssm "db/host" default="x"` or `urlencode (secret "db#password")`; every finding at once. */
export function readReference(mustache: Mustache): Found<Reference> {
  const { column } = mustache.loc.start;
  if (!mustache.escaped)
    return refused(column, "write {{...}}: values are never HTML-escaped, so {{{...}}} and {{&...}} say nothing");
  if (mustache.strip.open || mustache.strip.close)
    return refused(column, "~ would eat blanks of the value: leave it out");
  if (helperName(mustache.path) !== "urlencode") return readCall(mustache, false);
  const [inner] = mustache.params;
  if (mustache.params.length !== 1 || mustache.hash !== undefined || inner?.type !== "SubExpression") {
    return refused(column, 'urlencode takes one reference: {{urlencode (secret "db#password")}}');
  }
  return readCall(inner, true);
}

function readCall(call: Call, urlencode: boolean): Found<Reference> {
  const { column } = call.loc.start;
  const kind = helperName(call.path);
  if (kind !== "ssm" && kind !== "secret" && kind !== "node") return refused(column, unknownHelper(call, kind));
  const name = readName(call, kind);
  const settings = readSettings(call.hash, SHAPES[kind].settings);
  const findings = [...(name.ok ? [] : name.findings), ...(settings.ok ? [] : settings.findings)];
  if (!name.ok || !settings.ok) return { ok: false, findings };
  if (settings.value.from !== undefined && settings.value.default !== undefined) {
    return refused(column, 'from="first-run" and default= exclude each other');
  }
  return { ok: true, value: { kind, name: name.value, urlencode, ...settings.value } };
}

function helperName(path: Expression): string | undefined {
  return path.type === "PathExpression" ? path.original : undefined;
}

function unknownHelper(call: Call, name: string | undefined): string {
  const known = "known are ssm, secret, node and urlencode";
  if (name !== undefined && call.params.length === 0)
    return `{{${name}}} names no source: write {{ssm "..."}}; ${known}`;
  return name === undefined ? `a reference begins with a helper's name; ${known}` : `unknown helper ${name}; ${known}`;
}

function readName(call: Call, kind: Reference["kind"]): Found<string> {
  const [literal] = call.params;
  const { name: shape, example } = SHAPES[kind];
  if (call.params.length !== 1 || literal?.type !== "StringLiteral") {
    return refused(call.loc.start.column, `${kind} takes one quoted name, such as ${example}`);
  }
  if (!shape.test(literal.value)) {
    return refused(
      literal.loc.start.column,
      `${kind} knows no name ${JSON.stringify(literal.value)}; write one such as ${example}`,
    );
  }
  return { ok: true, value: literal.value };
}

function readSettings(hash: Hash | undefined, allowed: readonly string[]): Found<Settings> {
  const pairs = hash?.pairs ?? [];
  const findings = pairs.flatMap((pair, at): Finding[] => {
    const message = pairs.slice(0, at).some(({ key }) => key === pair.key)
      ? `${pair.key}= is given twice`
      : wrongSetting(pair, allowed);
    return message === undefined ? [] : [{ column: pair.loc.start.column, message }];
  });
  if (findings.length > 0) return { ok: false, findings };
  return {
    ok: true,
    value: Object.fromEntries(pairs.map(({ key, value }) => [key, "value" in value ? value.value : undefined])),
  };
}

function wrongSetting({ key, value }: Hash["pairs"][number], allowed: readonly string[]): string | undefined {
  if (!allowed.includes(key))
    return `${key}= is not known here; known are ${allowed.map((name) => `${name}=`).join(", ")}`;
  if (key === "min") {
    const fits = value.type === "NumberLiteral" && Number.isInteger(value.value) && value.value > 0;
    return fits ? undefined : "min= takes a whole number above 0, without quotes";
  }
  if (value.type !== "StringLiteral") return `${key}= takes a quoted text`;
  return key === "from" && value.value !== "first-run" ? 'from= knows only "first-run"' : undefined;
}
