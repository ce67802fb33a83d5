import {
  type Mustache,
  parser,
  parseWithoutProcessing,
  type Statement,
} from "handlebars/dist/cjs/handlebars/compiler/base.js";
import { type Finding, type Reference, readReference } from "./template-reference.ts";

export type Part = { readonly literal: string } | { readonly reference: Reference; readonly column: number };

export interface ParsedValue {
  readonly parts: readonly Part[];
  readonly findings: readonly Finding[];
}

class SyntaxFinding extends Error {
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}

// The parser's own error has the place only as a drawing in its text.
parser.parseError = (_message, { token, loc }) => {
  const at = token === "EOF" ? "the line ends inside {{...}}" : "this is no reference Handlebars can read";
  throw new SyntaxFinding({ column: loc?.last_column ?? 0, message: `${at}; write {{ssm "name"}}` });
};

/** Splits a template's value into literal text and references; `offset` is the column (from 0) where it begins. */
export function parseValue(text: string, offset: number): ParsedValue {
  const { parts, findings } = parseText(text);
  return {
    parts: parts.map((part) =>
      "reference" in part ? { reference: part.reference, column: part.column + offset } : part,
    ),
    findings: findings.map(({ column, message }) => ({ column: column + offset, message })),
  };
}

function parseText(text: string): ParsedValue {
  const hazard = /\\+\{\{/.exec(text);
  if (hazard) {
    return failed({
      column: hazard.index,
      message: "a backslash before {{ changes what Handlebars reads: put it elsewhere",
    });
  }
  try {
    return collect(parseWithoutProcessing(text).body);
  } catch (error) {
    if (error instanceof SyntaxFinding) return failed(error.finding);
    throw error;
  }
}

const failed = (finding: Finding): ParsedValue => ({ parts: [], findings: [finding] });

function collect(statements: readonly Statement[]): ParsedValue {
  const parts: Part[] = [];
  const findings: Finding[] = [];
  for (const statement of statements) {
    if (statement.type === "ContentStatement") parts.push({ literal: statement.original });
    else if (statement.type === "MustacheStatement") addReference(statement, parts, findings);
    else
      findings.push({
        column: statement.loc.start.column,
        message: REFUSED[statement.type],
      });
  }
  return { parts, findings: [...findings, ...literalFindings(parts), ...urlFindings(parts)] };
}

const ONLY = "are not allowed: a template holds only references";
const REFUSED: Record<Exclude<Statement["type"], "ContentStatement" | "MustacheStatement">, string> = {
  BlockStatement: `blocks such as {{#if}} ${ONLY}`,
  PartialStatement: `partials ${ONLY}`,
  PartialBlockStatement: `partials ${ONLY}`,
  DecoratorBlock: `decorators ${ONLY}`,
  Decorator: `decorators ${ONLY}`,
  CommentStatement: "{{! comments}} are not allowed: begin a line with # instead",
};

function addReference(mustache: Mustache, parts: Part[], findings: Finding[]): void {
  const read = readReference(mustache);
  if (read.ok) parts.push({ reference: read.value, column: mustache.loc.start.column });
  else findings.push(...read.findings);
}

function literalFindings(parts: readonly Part[]): Finding[] {
  const stray = parts.some((part) => "literal" in part && part.literal.includes("}}"));
  return stray ? [{ column: 0, message: "there is a }} without its {{" }] : [];
}

/** A secret may hold `@`, `/` or `:`, which would move the borders of the URL around it. */
function urlFindings(parts: readonly Part[]): Finding[] {
  const isUrl = parts.some((part) => "literal" in part && part.literal.includes("://"));
  if (!isUrl) return [];
  return parts.flatMap((part) =>
    "reference" in part && part.reference.kind === "secret" && !part.reference.urlencode
      ? [
          {
            column: part.column,
            message: `a secret inside a URL needs {{urlencode (secret "${part.reference.name}")}}`,
          },
        ]
      : [],
  );
}
