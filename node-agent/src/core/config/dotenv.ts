/**
 * Who reads the file: `compose` is an env_file of Compose (compose-go 2.0 and later),
 * `node` is --env-file, process.loadEnvFile and util.parseEnv of Node 24.
 */
export type Reader = "compose" | "node";

/** A value as a line of the file, or why this reader cannot get it. */
export type EncodeResult = { ok: true; line: string } | { ok: false; why: string };

/** Linux refuses a longer environment string when it starts a program (MAX_ARG_STRLEN, with the closing NUL). */
const MAX_STRING_BYTES = 131_071;

/** What every dotenv dialect, docker run and POSIX shells read as it stands. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]*$/;

/** Appended to a key whose value the `node` reader has no spelling for; the value is then base64 of its UTF-8. */
export const BASE64_SUFFIX = "_B64";

/** Spells `key=value` so that the reader gets back exactly `value`: the first spelling that does. */
export function encodeLine(reader: Reader, key: string, value: string): EncodeResult {
  const why = unencodable(key, value);
  if (why !== undefined) return { ok: false, why };
  return { ok: true, line: reader === "compose" ? `${key}=${forCompose(value)}` : forNode(key, value) };
}

function unencodable(key: string, value: string): string | undefined {
  if (value.includes("\0")) return "it holds a NUL, which no environment can carry";
  if (!value.isWellFormed()) return "it holds half a surrogate pair, which has no UTF-8";
  const bytes = utf8.encode(`${key}=${value}`).length;
  if (bytes > MAX_STRING_BYTES) return `KEY=value has ${bytes} bytes; Linux carries at most ${MAX_STRING_BYTES}`;
  return undefined;
}

const utf8 = new TextEncoder();

// Single quotes are literal in compose-go, but it takes a backslash before the closing quote as an escape.
function forCompose(value: string): string {
  if (PLAIN.test(value)) return value;
  if (!/['\r\n]/.test(value) && !value.endsWith("\\")) return `'${value}'`;
  return `"${value.replace(/[\\"$\n\r]/g, (character) => COMPOSE_ESCAPES[character] ?? character)}"`;
}

const COMPOSE_ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  $: "\\$",
  "\n": "\\n",
  "\r": "\\r",
};

// parseEnv drops every CR, knows no escape but \n inside double quotes, and cuts an unquoted value at #.
function forNode(key: string, value: string): string {
  if (PLAIN.test(value)) return `${key}=${value}`;
  if (!value.includes("\r")) {
    if (!value.includes("'")) return `${key}='${value}'`;
    if (!/"|\\n/.test(value)) return `${key}="${value}"`;
    if (!value.includes("`")) return `${key}=\`${value}\``;
    if (!/^[\s"'`]|[#\n]|\s$/.test(value)) return `${key}=${value}`;
  }
  return `${key}${BASE64_SUFFIX}=${base64(value)}`;
}

function base64(value: string): string {
  return btoa(Array.from(utf8.encode(value), (byte) => String.fromCharCode(byte)).join(""));
}
