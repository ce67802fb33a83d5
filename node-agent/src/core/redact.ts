const HIDDEN = "[secret]";

/** Shorter values stand in too many innocent words to be taken out of them. */
const SHORTEST = 4;

/** Takes every given value out of a text, also as URLs, JSON, HTML, shells, base64 or hexadecimal spell it. */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const sources = new Set([...secrets].filter((secret) => secret.length >= SHORTEST).flatMap(patternsOf));
  if (sources.size === 0) return (text) => text;
  // The longest first: a secret may be part of another one.
  const pattern = new RegExp([...sources].sort((a, b) => b.length - a.length).join("|"), "gi");
  return (text) => text.replace(pattern, HIDDEN);
}

function patternsOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  const lines = secret.split("\n").filter((line) => line.trim().length >= SHORTEST * 2);
  const encoded = [...base64Spellings(bytes), [...bytes].map(hex).join("")];
  return [...[secret, ...lines].map(anySpelling), ...encoded.map((text) => RegExp.escape(text))];
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");

/** Encoders differ in which characters they leave alone: each may stand as itself, escaped, or as its bytes. */
function anySpelling(secret: string): string {
  return Array.from(secret, (char) => (/[A-Za-z0-9]/.test(char) ? char : `(?:${charSpellings(char).join("|")})`)).join(
    "",
  );
}

const NAMED: Readonly<Record<string, readonly string[]>> = {
  " ": ["\\+"],
  "\n": ["\\\\n"],
  "\r": ["\\\\r"],
  "\t": ["\\\\t"],
  "&": ["&amp;"],
  "<": ["&lt;"],
  ">": ["&gt;"],
  '"': ["&quot;"],
};

function charSpellings(char: string): string[] {
  const percent = [...new TextEncoder().encode(char)].map((byte) => `%${hex(byte)}`).join("");
  const units = Array.from(
    { length: char.length },
    (_, at) => `\\\\u${char.charCodeAt(at).toString(16).padStart(4, "0")}`,
  );
  const entity = `&#(?:${char.codePointAt(0)}|x0*${char.codePointAt(0)?.toString(16)});`;
  return [`\\\\?${RegExp.escape(char)}`, percent, units.join(""), entity, ...(NAMED[char] ?? [])];
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
