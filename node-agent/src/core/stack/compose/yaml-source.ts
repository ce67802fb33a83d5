import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import type { Locate, Path, Problem } from "./problems.ts";
import type { Plain, PlainMap } from "./read/plain.ts";
import { scalarValue } from "./yaml-scalar.ts";

/** A Compose file as read: its value, what is wrong with it as YAML, and where everything stands. */
export interface YamlSource {
  readonly value: Plain;
  readonly problems: readonly Problem[];
  readonly locate: Locate;
}

// Aliases of aliases can name billions of nodes in a few lines.
const MAX_NODES = 50_000;
const MAX_DEPTH = 100;

/**
 * Reads YAML as go-yaml does (which `docker compose` uses), keeping the place of every key and value. What a node runs is
 * never taken from here: this is for places, and for what Compose would pass over in silence.
 */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, intAsBigInt: true, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const syntax = document.errors.map(({ message, pos }) => ({ path: [], message, at: place(pos[0]) }));
  if (syntax.length > 0) return { value: null, problems: syntax, locate: () => place(0) };
  const reader = new Reader(document);
  const value = reader.read(document.contents, []);
  return {
    value,
    problems: reader.problems,
    locate: (path, said) => place(nearest(reader.places, inFile(value, path, said))),
  };
}

/** The file's own path: a list there may be a mapping in the model, or have other items, as a range of ports does. */
function inFile(root: Plain, path: Path, said: string | undefined): Path {
  const found: Array<string | number> = [];
  let node: Plain | undefined = root;
  for (const part of path) {
    const step: string | number | undefined = Array.isArray(node) ? itemOf(node, part, said) : part;
    if (step === undefined) break;
    found.push(step);
    node = typeof node === "object" && node !== null ? (node as PlainMap)[step] : undefined;
  }
  return found;
}

function itemOf(list: readonly Plain[], part: string | number, said: string | undefined): number | undefined {
  const wanted = said ?? (typeof part === "string" ? part : undefined);
  const index = wanted === undefined ? -1 : list.findIndex((item) => JSON.stringify(item).includes(wanted));
  if (index !== -1) return index;
  return typeof part === "number" ? part : undefined;
}

const key = (path: Path): string => JSON.stringify(path);

function nearest(places: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = places.get(key(path.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return 0;
}

const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/** Compose's own `!reset` and `!override` are for several files; what other tags mean, YAML readers disagree about. */
const hasForeignTag = (node: unknown): node is { readonly tag: string } =>
  isNode(node) && !isAlias(node) && node.tag !== undefined && !CORE_TAG.test(node.tag);

class Reader {
  readonly places = new Map<string, number>();
  readonly problems: Problem[] = [];
  readonly #document: Document;
  #nodes = 0;

  constructor(document: Document) {
    this.#document = document;
  }

  read(node: unknown, path: Path, depth = 0): Plain {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES || depth > MAX_DEPTH) return this.#tooLarge(path);
    if (isAlias(node)) return this.#alias(node, path, depth);
    if (hasForeignTag(node)) return this.#foreignTag(node, path);
    if (isScalar(node)) return this.#scalar(node, path);
    if (isSeq(node)) return node.items.map((item, index) => this.#item(item, [...path, index], depth + 1));
    if (isMap(node)) return this.#mapping(node, path, depth + 1);
    return null;
  }

  #alias(alias: Alias, path: Path, depth: number): Plain {
    const target = alias.resolve(this.#document);
    if (target !== undefined) return this.read(target, path, depth + 1);
    this.problems.push({ path, message: `there is no anchor &${alias.source} before this place` });
    return null;
  }

  #tooLarge(path: Path): null {
    const told = this.problems.some(({ message }) => message.startsWith("aliases"));
    const message = `aliases nest too deep or make over ${MAX_NODES} values`;
    if (!told) this.problems.push({ path: path.slice(0, 3), message });
    return null;
  }

  #foreignTag({ tag }: { readonly tag: string }, path: Path): null {
    this.problems.push({ path, message: `tag ${tag.replace("tag:yaml.org,2002:", "!!")} is not supported` });
    return null;
  }

  #scalar(node: Parameters<typeof scalarValue>[0], path: Path): Plain {
    const value = scalarValue(node);
    if (value !== undefined) return value;
    this.problems.push({ path, message: "put this date in quotes" });
    return null;
  }

  #item(node: unknown, path: Path, depth: number): Plain {
    this.#place(path, node);
    return this.read(node, path, depth);
  }

  #place(path: Path, node: unknown): void {
    const range = (node as { range?: [number, number, number] | null } | null)?.range;
    if (range) this.places.set(key(path), range[0]);
  }

  #mapping(node: YAMLMap, path: Path, depth: number): PlainMap {
    const pairs = node.items as Pair[];
    const merged: PlainMap = {};
    for (const pair of pairs.filter(isMerge)) Object.assign(merged, this.#mergeSource(pair.value, path, depth));
    const own: PlainMap = {};
    for (const pair of pairs.filter((pair) => !isMerge(pair))) {
      const name = this.#name(pair, path);
      this.#place([...path, name], pair.key);
      own[name] = this.read(pair.value, [...path, name], depth);
    }
    return { ...merged, ...own };
  }

  /** `<<: *a` or `<<: [*a, *b]`, where the first one to name a key wins. */
  #mergeSource(source: unknown, path: Path, depth: number): PlainMap {
    const target = isAlias(source) ? source.resolve(this.#document) : source;
    if (isMap(target)) return this.#mapping(target, path, depth + 1);
    if (isSeq(target)) {
      const maps = target.items.map((item) => this.#mergeSource(item, path, depth + 1));
      return Object.assign({}, ...maps.reverse()) as PlainMap;
    }
    this.problems.push({ path, message: "<< takes a mapping or a list of mappings" });
    return {};
  }

  #name(pair: Pair, path: Path): string {
    const name = isScalar(pair.key) && !hasForeignTag(pair.key) ? scalarValue(pair.key) : undefined;
    if (name === "__proto__") {
      // It would be no member here, and is one to Compose.
      this.problems.push({ path, message: "__proto__ is no name for anything here" });
      return "";
    }
    if (typeof name === "string") return name;
    // go-yaml gives a number or a boolean here, and compose takes strings only.
    if (name !== undefined && name !== null) return String(name);
    this.problems.push({ path, message: "a key must be a string" });
    return "";
  }
}

const isMerge = (pair: Pair): boolean => isScalar(pair.key) && pair.key.value === "<<" && pair.key.type === "PLAIN";
