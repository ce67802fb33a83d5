import { type Random, seededRandom } from "./secret-values.ts";

/** A secret that is recognised wherever it turns up. */
export interface Canary {
  readonly value: string;
  /** Its random part, which every encoding below carries. */
  readonly core: string;
}

const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
const AROUND = ["", '"', "'", "$", "\\", " ", "/", "ü", "\n", "#", "`", "{{x}}"];

export function newCanaries(count: number, seed = 5): Canary[] {
  const random: Random = seededRandom(seed);
  const any = (from: { readonly length: number; [index: number]: string }) =>
    from[Math.floor(random() * from.length)] ?? "";
  return Array.from({ length: count }, () => {
    const core = Array.from({ length: 24 }, () => any(ALPHABET)).join("");
    return { core, value: `${any(AROUND)}${core}${any(AROUND)}` };
  });
}

const hex = (text: string): string => Buffer.from(text).toString("hex");

/** The part of base64 that does not depend on what stands around it, at each of the three alignments. */
const base64At = (core: string, shift: number): string =>
  Buffer.from("\0".repeat(shift) + core)
    .toString("base64")
    .slice(shift === 0 ? 0 : 4, -4);

const ENCODINGS: Readonly<Record<string, (core: string) => readonly string[]>> = {
  plain: (core) => [core],
  halves: (core) => [core.slice(0, 12), core.slice(12)],
  reversed: (core) => [Array.from(core).reverse().join("")],
  "hex, lower case": (core) => [hex(core)],
  "hex, upper case": (core) => [hex(core).toUpperCase()],
  base64: (core) => [0, 1, 2].map((shift) => base64At(core, shift)),
  "percent signs": (core) => [hex(core).replace(/../g, "%$&"), hex(core).toUpperCase().replace(/../g, "%$&")],
  "JSON escapes": (core) => [hex(core).replace(/../g, "\\u00$&")],
  "UTF-16": (core) => [Buffer.from(core, "utf16le").toString("latin1")],
  bytes: (core) => [Array.from(Buffer.from(core)).join(","), Array.from(Buffer.from(core)).join(" ")],
};

export const ENCODING_COUNT = Object.keys(ENCODINGS).length;

const FORMS = new WeakMap<Canary, ReadonlyArray<readonly [string, string]>>();

function formsOf(canary: Canary): ReadonlyArray<readonly [string, string]> {
  const made =
    FORMS.get(canary) ??
    Object.entries(ENCODINGS).flatMap(([name, encode]) => encode(canary.core).map((form) => [name, form] as const));
  FORMS.set(canary, made);
  return made;
}

/** Which canaries a text holds, in which encodings; empty when it is clean. */
export function leaksIn(text: string, canaries: readonly Canary[]): string[] {
  return canaries.flatMap((canary) =>
    formsOf(canary).flatMap(([name, form]) => (text.includes(form) ? [`${canary.core}: ${name}`] : [])),
  );
}
