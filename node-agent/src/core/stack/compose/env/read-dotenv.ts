import { InterpolationProblem, interpolate, type Lookup } from "./interpolate.ts";

/** A file that cannot be read, without a word of its content. */
export class DotenvProblem {
  readonly line: number;
  readonly message: string;

  constructor(line: number, message: string) {
    this.line = line;
    this.message = message;
  }
}

// What compose-go takes for a space inside a line; \n ends it.
const SPACE = "[\\t\\v\\f\\r \\u0085\\u00a0]";
const BLANK = /^(?:\s|#[^\n]*(?=\n|$))*/u;
const EXPORT = new RegExp(`^export${SPACE}+`, "u");
const KEY = new RegExp(`^((?:[\\p{L}\\p{N}_.\\-[\\]]|${SPACE})*)(=|:|\\n|$)`, "u");
const LEADING_SPACE = new RegExp(`^${SPACE}+`, "u");
const ESCAPE = /\\(?:[abfnrtv\\"$]|0[0-7]{0,3})/g;
const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

/** Reads an env_file as `docker compose` does: quotes, escapes, comments, `export`, and variables of earlier lines. */
export function readDotenv(text: string, lookup: Lookup): Map<string, string> | DotenvProblem {
  const values = new Map<string, string>();
  const known: Lookup = (name) => lookup(name) ?? values.get(name);
  let rest = text.replace(/^\uFEFF/, "");
  for (;;) {
    rest = rest.replace(BLANK, "");
    if (rest === "") return values;
    const read = readLine(rest, known);
    if (typeof read === "string") return new DotenvProblem(lineOf(text, rest), read);
    if (read.value !== undefined) values.set(read.key, read.value);
    rest = read.rest;
  }
}

/** Reads an env_file of `format: raw`: every value is what stands after the first `=`. */
export function readRawDotenv(text: string, lookup: Lookup): Map<string, string> | DotenvProblem {
  const values = new Map<string, string>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    const line = raw.replace(/\r$/, "").trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const key = equals === -1 ? line : line.slice(0, equals);
    if (key === "" || /\s/.test(key)) return new DotenvProblem(index + 1, "a key must be a name without spaces");
    const value = equals === -1 ? lookup(key) : line.slice(equals + 1);
    if (value !== undefined) values.set(key, value);
  }
  return values;
}

const lineOf = (text: string, rest: string): number => text.slice(0, text.length - rest.length).split("\n").length;

interface Line {
  key: string;
  /** Undefined for a key without a value that no variable gives one. */
  value: string | undefined;
  rest: string;
}

function readLine(text: string, known: Lookup): Line | string {
  const statement = text.replace(EXPORT, "");
  const match = KEY.exec(statement);
  if (!match) return "a character that no key may hold";
  const [whole, name = "", end] = match;
  const key = name.trimEnd();
  if (key.includes(" ")) return "a key cannot contain a space";
  const rest = statement.slice(whole.length);
  if (end === "\n" || end === "") return { key, value: known(key), rest };
  return readValue(key, rest.replace(LEADING_SPACE, ""), known);
}

function readValue(key: string, text: string, known: Lookup): Line | string {
  const quote = text[0];
  if (quote === '"' || quote === "'") return readQuoted({ key, text, quote }, known);
  const newline = text.indexOf("\n");
  const line = newline === -1 ? text : text.slice(0, newline);
  const value = expand((line.split(" #")[0] ?? "").trimEnd(), known);
  if (value instanceof InterpolationProblem) return `the value of ${key} has a bad variable in it`;
  return { key, value, rest: newline === -1 ? "" : text.slice(newline + 1) };
}

function readQuoted({ key, text, quote }: { key: string; text: string; quote: string }, known: Lookup): Line | string {
  let inner = "";
  for (let at = 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === quote) {
      const value = quote === "'" ? inner : expand(unescape(inner), known);
      if (value instanceof InterpolationProblem) return `the value of ${key} has a bad variable in it`;
      return { key, value, rest: text.slice(at + 1) };
    }
    // A backslash keeps the quote from ending the value; before anything else it stays for unescape.
    if (char === "\\" && at + 1 < text.length) {
      at += 1;
      inner += text.charAt(at) === quote ? quote : `\\${text.charAt(at)}`;
    } else inner += char;
  }
  return `the quote around ${key} is never closed`;
}

function unescape(value: string): string {
  return value.replace(ESCAPE, (escape) => {
    const char = escape.charAt(1);
    if (char === "$") return "$$";
    if (char === "0") return octal(escape);
    return ESCAPES[char] ?? escape;
  });
}

// Go takes exactly three digits after the backslash; compose-go drops the leading zero first.
function octal(escape: string): string {
  const digits = escape.slice(2);
  return digits.length === 3 && Number.parseInt(digits, 8) < 256
    ? String.fromCharCode(Number.parseInt(digits, 8))
    : escape;
}

const expand = (value: string, known: Lookup): string | InterpolationProblem => interpolate(value, known);
