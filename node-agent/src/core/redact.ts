const HIDDEN = "[secret]";

/** Shorter values stand in too many innocent words to be taken out of them. */
const SHORTEST = 4;

/** Takes every given value out of a text, also as a URL, JSON, base64 or hexadecimal would spell it. */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const spellings = new Set([...secrets].filter((secret) => secret.length >= SHORTEST).flatMap(spellingsOf));
  if (spellings.size === 0) return (text) => text;
  // The longest first: a secret may be part of another one.
  const alternatives = [...spellings].sort((a, b) => b.length - a.length).map((spelling) => RegExp.escape(spelling));
  const pattern = new RegExp(alternatives.join("|"), "gi");
  return (text) => text.replace(pattern, HIDDEN);
}

function spellingsOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  const lines = secret.split("\n").filter((line) => line.trim().length >= SHORTEST * 2);
  return [
    secret,
    ...lines,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams([["", secret]]).toString().slice(1),
    ...base64Spellings(bytes),
    [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
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
