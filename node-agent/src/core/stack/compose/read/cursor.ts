import type { Path, Problem } from "../problems.ts";
import { isMapping, type Plain } from "./plain.ts";
import { durationNanoseconds } from "./units.ts";

/**
 * One place of the canonical model. Every reading method gives undefined for what is not there, and records a problem at
 * this place for what is there but not as Compose writes it.
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

  /** `value` is looked for in the file, where the list there has other items than the model's. */
  refuseValue(message: string, value: string): undefined {
    this.#problems.push({ path: this.path, message, value });
    return undefined;
  }

  at(key: string): Cursor {
    return this.#child(isMapping(this.value) ? this.value[key] : undefined, key);
  }

  /** The same place of the file, with a value that was asked for apart. */
  with(value: Plain | undefined): Cursor {
    return new Cursor(value, this.path, this.#problems);
  }

  /** The members of a mapping, in the order of the model: by name. */
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
    return typeof this.value === "object" ? this.refuse("must be a text") : String(this.value);
  }

  texts(): string[] {
    return this.items().flatMap((item) => item.text() ?? []);
  }

  flag(): boolean | undefined {
    if (!this.given) return undefined;
    return typeof this.value === "boolean" ? this.value : this.refuse("must be true or false");
  }

  decimal(): number | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    return /^[-+]?\d+(\.\d+)?$/.test(text) ? Number(text) : this.refuse(`"${text}" is not a number`);
  }

  /** Bytes, counts and ports; Compose writes sizes in bytes. */
  whole(): number | undefined {
    const number = this.decimal();
    if (number === undefined || Number.isSafeInteger(number)) return number;
    return this.refuse(`${number} is not a whole number`);
  }

  nanoseconds(): number | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    return durationNanoseconds(text) ?? this.refuse(`"${text}" is not a duration such as 30s`);
  }

  /** A mapping of texts; empty where a key has no value. */
  record(): Record<string, string> {
    return Object.fromEntries(this.pairs().map(([key, value]) => [key, value ?? ""]));
  }

  /** A mapping of texts; null where a key has no value. */
  pairs(): Array<[string, string | null]> {
    return this.entries().map(([key, item]) => [key, item.given ? (item.text() ?? "") : null]);
  }
}
