/** Type of an attribute as Terraform's protocol writes it. */
export type Type = "string" | "number" | "bool" | "dynamic" | readonly ["list" | "map" | "set", Type];

export interface Attribute {
  readonly type?: Type;
  readonly nested?: { readonly mode: "single" | "list" | "set" | "map"; readonly attributes: Attributes };
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
}
export type Attributes = Readonly<Record<string, Attribute>>;

// `  // name - computed: true, optional: false, required: true`, then the field that holds it or what reads it.
const ATTRIBUTE =
  /^ {2}\/\/ (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n {2}(?:private \w+(?:\?: ([^;]+)| = new (\w+)\(([^)]*)\));|public get \w+\(\) \{\n\s+return ([\s\S]+?);\n)/gm;

const FIELDS: Readonly<Record<string, Type>> = {
  string: "string",
  number: "number",
  boolean: "bool",
  "string[]": ["list", "string"],
  "number[]": ["list", "number"],
  "{ [key: string]: string }": ["map", "string"],
  "{ [key: string]: any }": "dynamic",
  any: "dynamic",
  "{ [key: string]: string[] }": ["map", ["list", "string"]],
};
const READERS: ReadonlyArray<readonly [pattern: RegExp, type: Type]> = [
  [/Fn\.tolist\(this\.getListAttribute/, ["set", "string"]],
  [/getStringMapAttribute/, ["map", "string"]],
  [/getStringAttribute/, "string"],
  [/getNumberAttribute/, "number"],
  [/getBooleanAttribute/, "bool"],
  [/getNumberListAttribute/, ["list", "number"]],
  [/getListAttribute/, ["list", "string"]],
  [/interpolationForAttribute|getAnyMapAttribute/, "dynamic"],
];

/** Attributes of a resource, read off the TypeScript that the npm package carries in its source map. */
export function attributesOf(source: string, className: string): Attributes {
  const body = bodyOf(source, className);
  const found: Record<string, Attribute> = {};
  for (const match of body.matchAll(ATTRIBUTE)) {
    const [, name = "", computed, optional, required, field, part, args = "", reader] = match;
    const shape =
      part === undefined
        ? { type: field === undefined ? readType(reader ?? "") : fieldType(field, body, name) }
        : { nested: nestedOf(source, part, args) };
    found[name] = {
      ...shape,
      ...(required === "true" ? { required: true } : {}),
      ...(required !== "true" && optional === "true" ? { optional: true } : {}),
      ...(required !== "true" && computed === "true" ? { computed: true } : {}),
    };
  }
  return found;
}

function bodyOf(source: string, className: string): string {
  const start = source.indexOf(`export class ${className} extends `);
  if (start < 0) throw new Error(`the package has no class ${className}`);
  return source.slice(start, source.indexOf("\n}\n", start) + 3);
}

function nestedOf(source: string, part: string, args: string): NonNullable<Attribute["nested"]> {
  const mode = part.endsWith("List")
    ? args.endsWith("true")
      ? "set"
      : "list"
    : part.endsWith("Map")
      ? "map"
      : "single";
  const element = mode === "single" ? part : part.replace(/(List|Map)$/, "OutputReference");
  return { mode, attributes: attributesOf(source, element) };
}

// A set and a list are the same field; only what reads it back tells them apart.
function fieldType(field: string, body: string, name: string): Type {
  const type = FIELDS[field.replace(" | cdktf.IResolvable", "")];
  if (type === undefined) throw new Error(`${name} has the unknown type ${field}`);
  const reader = new RegExp(`Fn\\.tolist\\(this\\.get\\w+\\('${name}'\\)`).test(body);
  return reader && Array.isArray(type) ? ["set", type[1]] : type;
}

function readType(reader: string): Type {
  const type = READERS.find(([pattern]) => pattern.test(reader))?.[1];
  if (type !== undefined) return type;
  // A computed object: nothing of ours reads into it.
  return "dynamic";
}

/** The TypeScript inside a compiled file's source map. */
export function sourceOf(compiled: string): string {
  const map = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(compiled)?.[1];
  if (map === undefined) throw new Error("the file carries no source map");
  return (JSON.parse(Buffer.from(map, "base64").toString()) as { sourcesContent: [string] }).sourcesContent[0];
}
