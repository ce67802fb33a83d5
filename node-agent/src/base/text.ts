import { ConfigurationError } from "./errors.ts";

const NAMES: ReadonlyArray<readonly [RegExp, string]> = [
  [/\uFEFF/, "a byte order mark (BOM)"],
  [/\r/, "a carriage return (CR, the line end of Windows)"],
  [/\n/, "a line end"],
  [/\t/, "a tab"],
  [/\u00A0/, "a no-break space"],
  [/[\u200B-\u200D\u2060]/, "a character without width"],
  [/\p{Zs}/u, "a blank"],
];

const UNSEEN = /[\p{Cc}\uFEFF]|^[\p{Zs}\u200B-\u200D\u2060]|[\p{Zs}\u200B-\u200D\u2060]$/u;

/** The character that nobody sees in a value, in words: a control character anywhere, a blank at either end. */
export function invisible(value: string): string | undefined {
  const [found] = UNSEEN.exec(value) ?? [];
  return found === undefined ? undefined : nameOf(found);
}

/** The same, at either end alone: where it is most likely a slip. */
export function invisibleEnd(value: string): string | undefined {
  return invisible(value.slice(0, 1)) ?? invisible(value.slice(-1));
}

/** The first character that editors put into a text unasked, in words and with its place; undefined when there is none. */
export function unasked(text: string): (Place & { readonly name: string }) | undefined {
  const found = /[\uFEFF\r\u00A0\u200B-\u200D\u2060]/.exec(text);
  return found ? { ...placeAfter(text.slice(0, found.index)), name: nameOf(found[0]) } : undefined;
}

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

function placeAfter(before: string): Place {
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function nameOf(character: string): string {
  const known = NAMES.find(([pattern]) => pattern.test(character))?.[1];
  return known ?? `the control character U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The text of a file people write. Bytes that are no UTF-8 are refused: replaced by others, nobody would see them. */
export function textOf(bytes: Uint8Array, file: string): string {
  try {
    return strictDecoder().decode(bytes);
  } catch (cause) {
    const { line, column } = firstForeignByte(bytes);
    throw new ConfigurationError(`${file}:${line}:${column}: this is no UTF-8`, {
      code: "file.encoding",
      why: "an editor saved it in another encoding (Latin-1, perhaps)",
      fix: "save it as UTF-8",
      cause,
    });
  }
}

function firstForeignByte(bytes: Uint8Array): Place {
  const strict = strictDecoder();
  let before = "";
  try {
    for (const byte of bytes) before += strict.decode(Uint8Array.of(byte), { stream: true });
  } catch {
    // Here it is.
  }
  return placeAfter(before);
}

const strictDecoder = () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
