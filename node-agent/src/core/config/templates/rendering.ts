import { Secret } from "../../../base/secret.ts";
import { invisible, invisibleEnd } from "../../../base/text.ts";
import { BASE64_SUFFIX, encodeLine } from "../dotenv.ts";
import { type Template, type TemplateEntry } from "./template.ts";
import { type Reference, valueName } from "./template-reference.ts";
import type { Part } from "./template-value.ts";

/** What templates ask for, by the name they ask it by: `ssm db/host`, `secret db#password`, `node zone`. */
export type Values = ReadonlyMap<string, string | Secret>;

/** One file, ready to be written; `lines` by key, for telling what changes. */
export interface RenderedFile {
  readonly target: string;
  readonly text: string;
  readonly lines: ReadonlyMap<string, string>;
}

export interface Rendering {
  readonly files: readonly RenderedFile[];
  /** Files left out because the first-run job has not produced these values yet. */
  readonly waiting: ReadonlyArray<{ readonly target: string; readonly values: readonly string[] }>;
  /** Why something cannot be written, by key; never holds a value. */
  readonly problems: readonly string[];
  /** What is written and is most likely a slip all the same; never holds a value. */
  readonly remarks: readonly string[];
}

/** Renders every template from `values`. A value is data: nothing in it is ever evaluated. */
export function renderTemplates(templates: readonly Template[], values: Values): Rendering {
  const rendered = templates.map((template) => renderTemplate(template, values));
  return {
    files: rendered.flatMap((one) => (one.file ? [one.file] : [])),
    waiting: rendered.flatMap(({ target, waiting }) => (waiting.length > 0 ? [{ target, values: waiting }] : [])),
    problems: rendered.flatMap(({ problems }) => problems),
    remarks: [...new Set(templates.flatMap(({ entries }) => entries.flatMap((entry) => urlRemarks(entry, values))))],
  };
}

/** The value of a reference, or its default; undefined where there is neither. */
export function valueOf(reference: Reference, values: Values): string | Secret | undefined {
  return values.get(valueName(reference)) ?? reference.default;
}

function renderTemplate(template: Template, values: Values) {
  const { target, reader } = template;
  const waiting = waitingFor(template, values);
  const lines = new Map<string, string>();
  const problems: string[] = [];
  for (const entry of template.entries) {
    const told = `${target} ${entry.key} (${target}.hbs:${entry.line})`;
    problems.push(...entryProblems(entry, values).map((problem) => `${told}: ${problem}`));
    const spelled = encodeLine(reader, entry.key, entryText(entry.parts, values));
    if (spelled.ok) lines.set(entry.key, spelled.line);
    else problems.push(`${told}: ${spelled.why}`);
  }
  problems.push(...shadowed(template, lines));
  const text = [`# written by greenleaf-agent, read by ${reader}; changes are lost`, ...lines.values(), ""].join("\n");
  return { target, waiting, problems, file: waiting.length === 0 ? { target, text, lines } : undefined };
}

function waitingFor(template: Template, values: Values): string[] {
  const needed = template.entries.flatMap((entry) =>
    entry.parts.flatMap((part) => ("reference" in part ? [part.reference] : [])),
  );
  return needed
    .filter((reference) => reference.from === "first-run" && valueOf(reference, values) === undefined)
    .map(valueName);
}

function partText(part: Part, values: Values): string {
  if ("literal" in part) return part.literal;
  const value = valueOf(part.reference, values) ?? "";
  const text = value instanceof Secret ? value.reveal() : value;
  return part.reference.urlencode ? urlencode(text) : text;
}

// encodeURIComponent leaves these five, which RFC 3986 reserves; half a surrogate is refused by the writer.
function urlencode(text: string): string {
  if (!text.isWellFormed()) return text;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function entryProblems(entry: TemplateEntry, values: Values): string[] {
  const lengths = entry.parts.flatMap((part) => {
    if (!("reference" in part) || part.reference.min === undefined) return [];
    const value = valueOf(part.reference, values) ?? "";
    const length = Array.from(value instanceof Secret ? value.reveal() : value).length;
    if (length >= part.reference.min) return [];
    return [`${valueName(part.reference)} has ${length} characters; at least ${part.reference.min} are needed`];
  });
  return [
    ...lengths,
    ...bareSecretsInUrl(entry, values),
    ...wordProblems(entry, values),
    ...urlProblems(entry, values),
  ];
}

function wordProblems({ words, parts }: TemplateEntry, values: Values): string[] {
  if (words === undefined || words.includes(entryText(parts, values))) return [];
  return [`the value is none of ${words.join(", ")}`];
}

const entryText = (parts: readonly Part[], values: Values): string =>
  parts.map((part) => partText(part, values)).join("");

const isUrl = ({ parts }: TemplateEntry): boolean =>
  parts.some((part) => "literal" in part && part.literal.includes("://"));

/** A line's end pasted along breaks the URL it is put into, and nobody sees it. */
function urlProblems(entry: TemplateEntry, values: Values): string[] {
  if (!isUrl(entry)) return [];
  return entry.parts.flatMap((part) => {
    if (!("reference" in part) || part.reference.urlencode) return [];
    const found = invisible(plain(valueOf(part.reference, values)));
    return found === undefined ? [] : [`${valueName(part.reference)} has ${found}, and it is part of a URL`];
  });
}

/** Encoded it may well belong to a password, and is more often a slip: it is told, and left as it is. */
function urlRemarks(entry: TemplateEntry, values: Values): string[] {
  if (!isUrl(entry)) return [];
  return entry.parts.flatMap((part) => {
    if (!("reference" in part) || !part.reference.urlencode) return [];
    const found = invisibleEnd(plain(valueOf(part.reference, values)));
    return found === undefined ? [] : [`${valueName(part.reference)} begins or ends with ${found}`];
  });
}

const plain = (value: string | Secret | undefined): string =>
  value instanceof Secret ? value.reveal() : (value ?? "");

/** Templates that name their parts by reference become URLs only here; a SecureString is known as a secret only here. */
function bareSecretsInUrl(entry: TemplateEntry, values: Values): string[] {
  const isSecret = (part: Part) => "reference" in part && valueOf(part.reference, values) instanceof Secret;
  const isPlainUrl = entry.parts.some((part) => !isSecret(part) && partText(part, values).includes("://"));
  if (!isPlainUrl) return [];
  return entry.parts.flatMap((part) =>
    "reference" in part && isSecret(part) && !part.reference.urlencode
      ? [`${valueName(part.reference)} is a secret inside a URL: write {{urlencode (...)}}`]
      : [],
  );
}

function shadowed({ target }: Template, lines: ReadonlyMap<string, string>): string[] {
  return [...lines].flatMap(([key, line]) => {
    const spelledKey = line.slice(0, line.indexOf("="));
    return spelledKey !== key && lines.has(spelledKey)
      ? [`${target} ${key}: needs the key ${key}${BASE64_SUFFIX}, which is taken`]
      : [];
  });
}
