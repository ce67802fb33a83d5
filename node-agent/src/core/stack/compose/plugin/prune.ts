import type { Path } from "../problems.ts";
import { isMapping, type Plain } from "../read/plain.ts";

/** A file's value from which places were taken out, so that Compose tells what else it has against the rest. */
export class Pruned {
  #value: Plain;
  /** Indexes that went, by the list's path. */
  readonly #gone = new Map<string, number[]>();

  constructor(value: Plain) {
    this.#value = structuredClone(value);
  }

  get value(): Plain {
    return this.#value;
  }

  /** Takes out a place of the original file; false when there is none, or it is more than one key of a member. */
  take(path: Path): boolean {
    const last = path.at(-1);
    const parent = this.#at(path.slice(0, -1));
    if (last === undefined || path.length < 2) return false;
    if (Array.isArray(parent) && typeof last === "number") {
      const gone = this.#gone.get(keyOf(path.slice(0, -1))) ?? [];
      if (gone.includes(last)) return false;
      parent.splice(last - gone.filter((index) => index < last).length, 1);
      this.#gone.set(keyOf(path.slice(0, -1)), [...gone, last]);
      return true;
    }
    if (!isMapping(parent) || !Object.hasOwn(parent, last)) return false;
    delete parent[last];
    return true;
  }

  /** The path in the original file of a path in what is left. */
  original(path: Path): Path {
    const found: Array<string | number> = [];
    for (const part of path) found.push(typeof part === "number" ? this.#originalIndex(found, part) : part);
    return found;
  }

  #originalIndex(list: Path, index: number): number {
    const gone = [...(this.#gone.get(keyOf(list)) ?? [])].sort((a, b) => a - b);
    return gone.reduce((at, missing) => (missing <= at ? at + 1 : at), index);
  }

  #at(path: Path): Plain | undefined {
    let node: Plain | undefined = this.#value;
    const seen: Array<string | number> = [];
    for (const part of path) {
      const gone = this.#gone.get(keyOf(seen)) ?? [];
      const step: string | number =
        typeof part === "number" ? part - gone.filter((index) => index < part).length : part;
      node = typeof node === "object" && node !== null ? (node as Record<string | number, Plain>)[step] : undefined;
      seen.push(part);
    }
    return node;
  }
}

const keyOf = (path: Path): string => JSON.stringify(path);
