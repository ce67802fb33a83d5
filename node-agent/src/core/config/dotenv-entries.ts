import { BASE64_SUFFIX, type Reader } from "./dotenv.ts";

/** The lines our writer makes; a quoted value may span lines. */
const ENTRY: Readonly<Record<Reader, RegExp>> = {
  compose: /([A-Za-z_]\w*)=(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\n'"]*)\n/y,
  node: /([A-Za-z_]\w*)=(?:'[^']*'|"[^"]*"|`[^`]*`|[^\n'"`][^\n]*|)\n/y,
};
const COMMENT = /(?:#[^\n]*)?\n/y;

/** The entries of a file our writer made, as they stand there. Stops at the first thing that is not ours. */
export function splitEntries(text: string, reader: Reader): Map<string, string> {
  const entries = new Map<string, string>();
  const entry = new RegExp(ENTRY[reader]);
  const comment = new RegExp(COMMENT);
  for (let at = 0; at < text.length; ) {
    comment.lastIndex = at;
    if (comment.test(text)) {
      at = comment.lastIndex;
      continue;
    }
    entry.lastIndex = at;
    const found = entry.exec(text);
    if (!found?.[1]) break;
    entries.set(found[1], found[0].slice(0, -1));
    at = entry.lastIndex;
  }
  return entries;
}

/** The value of `key` in such entries, as its reader gets it; undefined when it is not there. */
export function entryValue(entries: ReadonlyMap<string, string>, key: string, reader: Reader): string | undefined {
  const line = entries.get(key);
  if (line !== undefined) return unquoted(line.slice(key.length + 1), reader);
  const encoded = entries.get(`${key}${BASE64_SUFFIX}`);
  return encoded === undefined ? undefined : fromBase64(encoded.slice(key.length + BASE64_SUFFIX.length + 1));
}

function unquoted(spelled: string, reader: Reader): string {
  const quote = spelled[0] ?? "";
  if (spelled.length < 2 || !"'\"`".includes(quote) || !spelled.endsWith(quote)) return spelled;
  const inner = spelled.slice(1, -1);
  if (reader === "node" || quote !== '"') return inner;
  return inner.replaceAll(/\\(.)/g, (_, char: string) => ({ n: "\n", r: "\r" })[char] ?? char);
}

function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
}
