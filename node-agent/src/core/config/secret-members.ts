import { unasked } from "../../base/text.ts";

/** Members of a JSON object secret as text, exactly as they stand there; or why there are none. */
export type Members = { ok: true; members: ReadonlyMap<string, string> } | { ok: false; why: string };

/**
 * Reads the top level of a JSON object. A text is unescaped; a number, true, false, an object or an array is
 * kept letter for letter, so that 9007199254740993 and 1e400 survive. null counts as absent.
 */
export function readMembers(json: string): Members {
  if (!isObject(json)) return { ok: false, why: `its text is not a JSON object${unseen(json)}` };
  const members = new Map<string, string>();
  const twice = new Set<string>();
  for (const { key, source } of topLevel(json)) {
    if (members.has(key)) twice.add(key);
    if (source !== "null") members.set(key, source.startsWith('"') ? (JSON.parse(source) as string) : source);
  }
  if (twice.size > 0)
    return { ok: false, why: `it has ${[...twice].map((key) => JSON.stringify(key)).join(", ")} twice` };
  return { ok: true, members };
}

/** A character that nobody sees is named where it is all that is wrong. */
function unseen(json: string): string {
  const found = isObject(json.replaceAll(/[\uFEFF\u00A0\u200B-\u200D\u2060]/g, "")) ? unasked(json) : undefined;
  return found === undefined ? "" : `: there is ${found.name} in it`;
}

// JSON.parse's own message quotes the text, so it must not travel.
function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const TEXT = /"(?:[^"\\]|\\.)*"/y;
const SCALAR = /[^\s,}\]]+/y;

/** Walks JSON known to be a valid object. */
function* topLevel(json: string): Generator<{ key: string; source: string }> {
  let at = json.indexOf("{") + 1;
  for (;;) {
    at = skip(json, at, /[\s,]*/y);
    if (json[at] === "}") return;
    const keyEnd = skip(json, at, TEXT);
    const key = JSON.parse(json.slice(at, keyEnd)) as string;
    const start = skip(json, keyEnd, /[\s:]*/y);
    at = valueEnd(json, start);
    yield { key, source: json.slice(start, at) };
  }
}

function skip(json: string, from: number, token: RegExp): number {
  token.lastIndex = from;
  return token.test(json) ? token.lastIndex : from;
}

function valueEnd(json: string, start: number): number {
  const first = json[start];
  if (first === '"') return skip(json, start, TEXT);
  if (first !== "{" && first !== "[") return skip(json, start, SCALAR);
  let depth = 0;
  for (let at = start; ; ) {
    const character = json[at];
    if (character === '"') {
      at = skip(json, at, TEXT);
      continue;
    }
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
}
