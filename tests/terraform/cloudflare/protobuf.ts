import type { Attribute, Attributes } from "./schema.ts";

/** Bytes of a protobuf message's fields, by the numbers of hashicorp/terraform docs/plugin-protocol/tfplugin6.proto. */
export function schemaAnswer(resources: Readonly<Record<string, Attributes>>): Buffer {
  const provider = bytes(1, schema({ api_token: { type: "string", optional: true } }));
  const entries = Object.entries(resources).map(([name, attributes]) =>
    bytes(2, Buffer.concat([bytes(1, Buffer.from(name)), bytes(2, schema(attributes))])),
  );
  return Buffer.concat([provider, ...entries]);
}

const MODES = { single: 1, list: 2, set: 3, map: 4 } as const;

const schema = (attributes: Attributes): Buffer => bytes(2, Buffer.concat(all(2, attributes)));

const all = (number: number, attributes: Attributes): Buffer[] =>
  Object.entries(attributes).map(([name, attribute]) => bytes(number, one(name, attribute)));

function one(name: string, { type, nested, required, optional, computed }: Attribute): Buffer {
  return Buffer.concat([
    bytes(1, Buffer.from(name)),
    ...(type === undefined ? [] : [bytes(2, Buffer.from(JSON.stringify(type)))]),
    ...(required ? [integer(4, 1)] : []),
    ...(optional ? [integer(5, 1)] : []),
    ...(computed ? [integer(6, 1)] : []),
    ...(nested ? [bytes(10, Buffer.concat([...all(1, nested.attributes), integer(3, MODES[nested.mode])]))] : []),
  ]);
}

const bytes = (number: number, value: Buffer): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);

const integer = (number: number, value: number): Buffer => Buffer.concat([varint(number * 8), varint(value)]);

function varint(value: number): Buffer {
  const found: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...found, rest]);
    found.push((rest % 128) + 128);
  }
}
