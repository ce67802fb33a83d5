import { secretParts } from "./secret-parts.ts";

const HIDDEN = "[secret]";

/** Shorter values stand in too many innocent words to be taken out of them. */
const SHORTEST = 4;

/** A longer value is looked for piece by piece: an engine of regular expressions refuses a pattern of its whole length. */
const LONGEST_PIECE = 200;

/** Characters of one regular expression; there may be several. */
const LONGEST_PATTERN = 40_000;

export type Redact = (text: string) => string;

/** Takes every given value out of a text, also as URLs, JSON, HTML, shells, base64 or hexadecimal spell it. */
export function redactor(secrets: Iterable<string>): Redact {
  const known = [...new Set([...secrets].flatMap(secretParts))].filter((secret) => secret.length >= SHORTEST);
  const long = known.filter((secret) => secret.length > LONGEST_PIECE).flatMap(wholeSpellings);
  // Most boots print nothing that has to be looked through.
  let patterns: readonly RegExp[] | undefined;
  return (text) => {
    const shown = long.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
    return (patterns ??= patternsFor(known)).reduce((left, pattern) => left.replace(pattern, HIDDEN), shown);
  };
}

// Taken out whole before their pieces: of one that repeats itself, a piece may be found in the wrong place.
function wholeSpellings(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())];
}

function patternsFor(secrets: readonly string[]): RegExp[] {
  const sources = new Set(secrets.flatMap(spellingsOf));
  // The longest first: a secret may be part of another one.
  const longestFirst = [...sources].sort((a, b) => b.length - a.length);
  return inBunches(longestFirst).map((bunch) => new RegExp(bunch.join("|"), "gi"));
}

/** What stands in place of a container's words where its secrets are not known, so that none could be taken out. */
export const WITHHELD = "(not shown: what is secret on this node is not known)";

export const withhold: Redact = (text) => (text.trim() === "" ? text : WITHHELD);

function inBunches(sources: readonly string[]): string[][] {
  const bunches: string[][] = [];
  let room = 0;
  for (const source of sources) {
    if (source.length > room) {
      bunches.push([]);
      room = LONGEST_PATTERN;
    }
    bunches.at(-1)?.push(source);
    room -= source.length;
  }
  return bunches;
}

function spellingsOf(secret: string): string[] {
  const lines = secret.split("\n").filter((line) => line.trim().length >= SHORTEST * 2);
  const pieces = new Set([secret, ...lines].flatMap(inPieces));
  return [...pieces].flatMap(pieceSpellings);
}

function pieceSpellings(piece: string): string[] {
  const bytes = new TextEncoder().encode(piece);
  const encoded = [...base64Spellings(bytes), [...bytes].map(hex).join("")];
  return [anySpelling(piece), ...encoded.map((text) => RegExp.escape(text))];
}

/** The last piece is the longer one: no rest of it is too short to be looked for. */
function inPieces(text: string): string[] {
  const chars = Array.from(text);
  const count = Math.max(1, Math.floor(chars.length / LONGEST_PIECE));
  return Array.from({ length: count }, (_, at) =>
    chars.slice(at * LONGEST_PIECE, at + 1 === count ? undefined : (at + 1) * LONGEST_PIECE).join(""),
  );
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");

/** Encoders differ in which characters they leave alone: each may stand as itself, escaped, or as its bytes. */
function anySpelling(secret: string): string {
  return Array.from(secret, (char) => (/[A-Za-z0-9]/.test(char) ? char : `(?:${charSpellings(char).join("|")})`)).join(
    "",
  );
}

/** A backslash, as often as encoders inside encoders write it. */
const ESCAPED = "\\\\{1,15}";

const NAMED: Readonly<Record<string, readonly string[]>> = {
  " ": ["\\+"],
  "\n": [`${ESCAPED}n`],
  "\r": [`${ESCAPED}r`],
  "\t": [`${ESCAPED}t`],
  "\\": [ESCAPED],
  "&": ["&amp;"],
  "<": ["&lt;"],
  ">": ["&gt;"],
  '"': ["&quot;", '""'],
  // As shells close and open their single quotes again, and SQL and YAML double them.
  "'": ["&apos;", "'\\\\''", "'\"'\"'", "''"],
};

function charSpellings(char: string): string[] {
  const bytes = [...new TextEncoder().encode(char)];
  const code = char.codePointAt(0) ?? 0;
  const units = Array.from({ length: char.length }, (_, at) => char.charCodeAt(at).toString(16).padStart(4, "0"));
  return [
    ...(NAMED[char] ?? []),
    `${ESCAPED}${RegExp.escape(char)}`,
    RegExp.escape(char),
    // Encoded twice, a percent sign is %25.
    bytes.map((byte) => `%(?:25){0,3}${hex(byte)}`).join(""),
    bytes.map((byte) => `=${hex(byte)}`).join(""),
    bytes.map((byte) => `${ESCAPED}x${hex(byte)}`).join(""),
    bytes.map((byte) => `${ESCAPED}${byte.toString(8).padStart(3, "0")}`).join(""),
    units.map((unit) => `${ESCAPED}u${unit}`).join(""),
    `${ESCAPED}u\\{0*${code.toString(16)}\\}`,
    `&#(?:0*${code}|x0*${code.toString(16)});`,
  ];
}

/** Base64 differs with the place of the value in what was encoded: three alignments, without their shared ends. */
function base64Spellings(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = [...Array.from({ length: offset }, () => 0), ...bytes];
    const whole = btoa(String.fromCharCode(...padded)).replace(/=+$/, "");
    const inner = whole.slice(Math.ceil((offset * 4) / 3), padded.length % 3 === 0 ? undefined : -1);
    return inner.length >= SHORTEST * 2 ? [inner, inner.replaceAll("+", "-").replaceAll("/", "_")] : [];
  });
}
