/** Values as people and machines make them, and as an enemy would; the same seed gives the same values. */

export type Random = () => number;

/** Mulberry32: small, and the same everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index));

const PRINTABLE = range(0x20, 0x7e);
const ALPHANUMERIC = PRINTABLE.filter((character) => /[A-Za-z0-9]/.test(character));
const QUOTES = ["'", '"', "`", "\\", "$", "#", " "];
const BLANKS = [" ", "\t", "\u00a0", "\u2003", "\u3000", "\ufeff", "\u0085", "\u2028"];
const CONTROLS = [...range(0x01, 0x1f), "\u007f"];
const FRAGMENTS = [
  "$",
  "$$",
  "${X}",
  "${X:?gone}",
  "${x",
  "$(touch pwned)",
  "`id`",
  "'",
  '"',
  "\\",
  "\\\\",
  "\\n",
  "\\t",
  "\\$",
  '\\"',
  "\\'",
  "\n",
  "\r\n",
  "\r",
  "\t",
  " ",
  " #",
  "#",
  "=",
  ":",
  "{{x}}",
  "{{{y}}}",
  "%20",
  "export ",
  "A=1",
  "\nZ=2",
  "\\u0041",
  "\\x41",
  "\\0",
  "é",
  "ß",
  "語",
  "😀",
  "\u200b",
  "!",
  "!!",
  "!$",
  "~",
  "*",
  "?",
  "[",
  "]",
  "&&",
  "|",
  ";",
  "<",
  ">",
];

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const times = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));
const text = (random: Random, from: readonly string[], least: number, most: number): string =>
  Array.from({ length: times(random, least, most) }, () => pick(random, from)).join("");

/** Every class makes any number of values. `ascii` says that all of them are printable ASCII. */
export const VALUE_CLASSES: ReadonlyArray<{ name: string; ascii: boolean; make: (random: Random) => string }> = [
  { name: "generated password", ascii: true, make: (r) => text(r, PRINTABLE, 1, 40) },
  { name: "password without blanks", ascii: true, make: (r) => text(r, PRINTABLE.slice(1), 32, 32) },
  {
    name: "database password",
    ascii: true,
    make: (r) =>
      text(
        r,
        PRINTABLE.filter((c) => !/['"@/ \\]/.test(c)),
        16,
        40,
      ),
  },
  { name: "all quotes", ascii: true, make: (r) => text(r, QUOTES, 1, 12) },
  { name: "quotes and words", ascii: true, make: (r) => text(r, [...QUOTES, ...ALPHANUMERIC.slice(0, 6)], 1, 24) },
  { name: "backslash at the end", ascii: true, make: (r) => `${text(r, PRINTABLE, 0, 12)}${text(r, ["\\"], 1, 3)}` },
  { name: "hex", ascii: true, make: (r) => text(r, Array.from("0123456789abcdef"), 1, 64) },
  { name: "bcrypt", ascii: true, make: (r) => `$2b$12$${text(r, [...ALPHANUMERIC, ".", "/"], 53, 53)}` },
  {
    name: "json",
    ascii: true,
    make: (r) => JSON.stringify({ [text(r, ALPHANUMERIC, 1, 6)]: text(r, PRINTABLE, 0, 20), n: [1, null] }),
  },
  {
    name: "url",
    ascii: true,
    make: (r) =>
      `https://${text(r, ALPHANUMERIC, 1, 8)}:${encodeURIComponent(text(r, PRINTABLE, 1, 12))}@h/?q=#${text(r, ALPHANUMERIC, 0, 4)}`,
  },
  {
    name: "pem",
    ascii: false,
    make: (r) => `-----BEGIN KEY-----\n${text(r, [...ALPHANUMERIC, "+", "/"], 64, 64)}\n-----END KEY-----\n`,
  },
  {
    name: "blanks around",
    ascii: false,
    make: (r) => `${text(r, BLANKS, 0, 2)}${text(r, PRINTABLE, 0, 8)}${text(r, BLANKS, 0, 2)}`,
  },
  { name: "controls", ascii: false, make: (r) => text(r, [...CONTROLS, ...ALPHANUMERIC.slice(0, 10)], 1, 16) },
  {
    name: "unicode",
    ascii: false,
    make: (r) => text(r, [...Array.from("éß語😀\u0301\u200b\u202e\uffff"), ...QUOTES], 1, 16),
  },
  { name: "nasty mix", ascii: false, make: (r) => text(r, FRAGMENTS, 1, 10) },
  { name: "json in json", ascii: false, make: (r) => JSON.stringify(JSON.stringify({ a: text(r, FRAGMENTS, 0, 6) })) },
];

export interface SecretValue {
  readonly className: string;
  readonly ascii: boolean;
  readonly value: string;
}

/** `count` values, the classes in turn. */
export function* secretValues(count: number, seed = 1): Generator<SecretValue> {
  const random = seededRandom(seed);
  for (let index = 0; index < count; index += 1) {
    const { name, ascii, make } = VALUE_CLASSES[index % VALUE_CLASSES.length]!;
    yield { className: name, ascii, value: make(random) };
  }
}
