import { ConfigurationError } from "../../../base/errors.ts";
import { unasked } from "../../../base/text.ts";
import type { Reader } from "../dotenv.ts";
import type { Finding, Reference } from "./template-reference.ts";
import { type Part, parseValue } from "./template-value.ts";

/** One `KEY=value` of a template. */
export interface TemplateEntry {
  readonly key: string;
  readonly parts: readonly Part[];
  /** The words its value may be, where the template names them; any value otherwise. */
  readonly words?: readonly string[];
  /** Its line in the template, from 1. */
  readonly line: number;
}

/** A parsed template. It is the schema too: what it refers to is what is fetched. */
export interface Template {
  /** Name of the file it makes, as in `backend.env`. */
  readonly target: string;
  readonly reader: Reader;
  readonly entries: readonly TemplateEntry[];
}

const SUFFIX = ".hbs";
const HEADER = /^# greenleaf: reader=(compose|node)$/;
/** A comment to agents that do not know it yet. */
const CLOSED_SET = /^# greenleaf: (\w+) is one of (.+)$/;
const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MUSTACHE = /\{\{.*?\}\}/g;
const AMBIGUOUS = /^\s|\s$|^(["'`]).*\1$|\s#/;

/** Parses every template of a release, by file name; all problems of all files at once, each with file:line:column. */
export function parseTemplates(sources: ReadonlyMap<string, string>): readonly Template[] {
  const parsed = [...sources].map(([file, text]) => parseTemplate(file, text));
  const problems = parsed.flatMap((result) => result.problems);
  if (problems.length === 0) return parsed.map((result) => result.template);
  throw new ConfigurationError(
    `render: ${problems.length} ${problems.length === 1 ? "problem" : "problems"} in the templates`,
    {
      code: "render.templates",
      why: "a template holds KEY=value lines with {{ssm}}, {{secret}} and {{node}} references only:",
      fix: "correct the templates (docs/configuration.md), then release again",
      problems,
    },
  );
}

/** A reference, whose value it becomes a part of, and where it stands. */
export interface Need {
  readonly reference: Reference;
  readonly key: string;
  /** `backend.env.hbs:3:12`, for messages. */
  readonly place: string;
}

/** Every reference of a template. */
export function references({ target, entries }: Template): readonly Need[] {
  return entries.flatMap(({ key, line, parts }) =>
    parts.flatMap((part) =>
      "reference" in part
        ? [{ reference: part.reference, key, place: `${target}${SUFFIX}:${line}:${part.column + 1}` }]
        : [],
    ),
  );
}

interface Parsed {
  readonly template: Template;
  readonly problems: readonly string[];
}

function parseTemplate(file: string, text: string): Parsed {
  const unseen = unseenProblems(file, text);
  const parsed = parseVisible(file, text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n"));
  return { template: parsed.template, problems: [...unseen, ...parsed.problems] };
}

/** What editors put in and no editor shows: told by its name, once, in place of what it makes of each line. */
function unseenProblems(file: string, text: string): string[] {
  const windows = text.indexOf("\r\n");
  return [
    ...(text.startsWith("\uFEFF")
      ? [`${file}:1:1: there is a byte order mark (BOM): save it as UTF-8 without one`]
      : []),
    ...(windows < 0
      ? []
      : [
          `${file}:${text.slice(0, windows).split("\n").length}: the line ends as on Windows (CR LF): save it with LF alone`,
        ]),
  ];
}

function parseVisible(file: string, text: string): Parsed {
  const lines = text.split("\n");
  const header = HEADER.exec(lines[0] ?? "");
  const problems: string[] = [];
  const report = (line: number, findings: readonly Finding[]) =>
    problems.push(...findings.map(({ column, message }) => `${file}:${line}:${column + 1}: ${message}`));
  if (!file.endsWith(`.env${SUFFIX}`)) report(1, [{ column: 0, message: "a template is named <service>.env.hbs" }]);
  if (!header)
    report(1, [
      { column: 0, message: 'the first line says who reads the file: "# greenleaf: reader=compose" or "reader=node"' },
    ]);
  const closed = closedSets(lines);
  const entries: TemplateEntry[] = [];
  lines.forEach((line, index) => {
    if (line === "" || line.startsWith("#")) return;
    const read = parseLine(line);
    report(index + 1, [...read.findings, ...repeated(entries, read.key)]);
    const words = closed.get(read.key);
    entries.push({ key: read.key, parts: read.parts, line: index + 1, ...(words ? { words } : {}) });
  });
  const template = { target: file.slice(0, -SUFFIX.length), reader: (header?.[1] ?? "compose") as Reader, entries };
  return { template, problems };
}

const closedSets = (lines: readonly string[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    lines.flatMap((line) => {
      const [, key, words] = CLOSED_SET.exec(line) ?? [];
      return key === undefined ? [] : [[key, words?.split(/,\s*/) ?? []] as const];
    }),
  );

function repeated(entries: readonly TemplateEntry[], key: string): Finding[] {
  const first = entries.find((entry) => entry.key === key);
  return first ? [{ column: 0, message: `${key} is given twice (first in line ${first.line})` }] : [];
}

function seen(text: string): string {
  const found = unasked(text);
  return found === undefined ? "" : ` (there is ${found.name})`;
}

function parseLine(line: string): { key: string; parts: readonly Part[]; findings: readonly Finding[] } {
  const equals = line.indexOf("=");
  const key = equals === -1 ? line : line.slice(0, equals);
  if (equals === -1 || !KEY.test(key)) {
    return {
      key,
      parts: [],
      findings: [
        {
          column: 0,
          message: `a line is KEY=value, a # comment or empty; a key holds A-Z, a-z, 0-9 and _${seen(line)}`,
        },
      ],
    };
  }
  const value = line.slice(equals + 1);
  const ambiguous = AMBIGUOUS.exec(value.replace(MUSTACHE, (mustache) => "_".repeat(mustache.length)));
  if (ambiguous) {
    const message = `write the value bare: no quotes around it, no blank at its ends, no # comment after it; the writer quotes it${seen(value)}`;
    return { key, parts: [], findings: [{ column: equals + 1 + ambiguous.index, message }] };
  }
  return { key, ...parseValue(value, equals + 1) };
}
