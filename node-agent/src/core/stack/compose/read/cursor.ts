import { numberText } from "./number-text.ts";
import type { Path, Problem } from "./problems.ts";
import { durationNanoseconds, sizeBytes } from "./units.ts";
import { isMapping, type Plain } from "./yaml-source.ts";

const TRUE = new Set(["true", "1", "t", "y", "yes", "on"]);
const FALSE = new Set(["false", "0", "f", "n", "no", "off"]);

/**
 * One place of a Compose file being read. Every reading method gives undefined for what is not there, and records a
 * problem at this place for what is there but unreadable.
 */
export class Cursor {
  readonly value: Plain | undefined;
  readonly path: Path;
  readonly #problems: Problem[];

  constructor(value: Plain | undefined, path: Path, problems: Problem[]) {
    this.value = value;
    this.path = path;
    this.#problems = problems;
  }

  get given(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  refuse(message: string): undefined {
    this.#problems.push({ path: this.path, message });
    return undefined;
  }

  at(key: string): Cursor {
    return this.#child(isMapping(this.value) ? this.value[key] : undefined, key);
  }

  /** The members of a mapping, in the order of the file. */
  entries(): Array<[string, Cursor]> {
    if (!isMapping(this.value)) return [];
    return Object.entries(this.value).map(([key, value]) => [key, this.#child(value, key)]);
  }

  /** The items of a list; a single value counts as a list of one. */
  items(): Cursor[] {
    if (!this.given) return [];
    if (!Array.isArray(this.value)) return [this];
    return this.value.map((value, index) => this.#child(value, index));
  }

  #child(value: Plain | undefined, key: string | number): Cursor {
    return new Cursor(value, [...this.path, key], this.#problems);
  }

  text(): string | undefined {
    if (!this.given) return undefined;
    return scalarText(this.value) ?? this.refuse("must be a text");
  }

  texts(): string[] {
    return this.items().flatMap((item) => item.text() ?? []);
  }

  flag(): boolean | undefined {
    const text = this.text()?.toLowerCase();
    if (text === undefined) return undefined;
    if (TRUE.has(text)) return true;
    return FALSE.has(text) ? false : this.refuse(`"${text}" is neither true nor false`);
  }

  decimal(): number | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    return /^[-+]?\d+(\.\d+)?$/.test(text) ? Number(text) : this.refuse(`"${text}" is not a number`);
  }

  whole(): number | undefined {
    const number = this.decimal();
    if (number === undefined || Number.isInteger(number)) return number;
    return this.refuse(`${number} is not a whole number`);
  }

  bytes(): number | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    return sizeBytes(text) ?? this.refuse(`"${text}" is not a size such as 512m`);
  }

  nanoseconds(): number | undefined {
    if (!this.given) return undefined;
    const text = typeof this.value === "string" ? this.value : "";
    return durationNanoseconds(text) ?? this.refuse(`${JSON.stringify(this.text())} is not a duration such as 30s`);
  }

  /** `KEY: value` mappings and `- KEY=value` lists alike; null where a key has no value. */
  pairs(): Array<[string, string | null]> {
    if (isMapping(this.value)) {
      return this.entries().map(([key, item]) => [key, item.given ? (item.text() ?? "") : null]);
    }
    return this.texts().map((text) => {
      const equals = text.indexOf("=");
      return equals === -1 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
    });
  }
}

function scalarText(value: Plain | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  return typeof value === "boolean" ? String(value) : undefined;
}
