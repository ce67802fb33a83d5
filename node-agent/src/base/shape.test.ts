import { expect, test } from "vitest";
import { isCount, isFlag, isText, listOf, mapOf, oneOf, optional, parsed, shape } from "./shape.ts";

const isPot = shape({ name: isText, size: optional(isCount), kind: oneOf("clay", "tin"), tags: listOf(isText) });
const pot = { name: "a", kind: "clay", tags: ["x"] };
const read = (value: unknown) => parsed(JSON.stringify(value), isPot);

test("what has the shape is read, with what a later version says besides", () => {
  expect(read(pot)).toEqual(pot);
  expect(read({ ...pot, size: 3, glaze: "blue" })).toEqual({ ...pot, size: 3, glaze: "blue" });
});

test.each([
  ["a member is missing", { kind: "clay", tags: [] }],
  ["a member is null", { ...pot, name: null }],
  ["a word is outside its set", { ...pot, kind: "gold" }],
  ["a word of the set is an inherited name", { ...pot, kind: "constructor" }],
  ["a number is none", { ...pot, size: "3" }],
  ["a number is below nothing", { ...pot, size: -1 }],
  ["a list is none", { ...pot, tags: { length: 1 } }],
  ["a list holds something else", { ...pot, tags: ["x", 1] }],
  ["it is a list", [pot]],
  ["it is null", null],
])("it is not read when %s", (_, value) => {
  expect(read(value)).toBeUndefined();
});

test("text that is no JSON, is cut short, or is nested without end, is the same as none", () => {
  for (const text of ["", "{", "\u0000", "NaN", '{"name":"a"', "[".repeat(200_000)]) {
    expect(parsed(text, isPot)).toBeUndefined();
  }
});

test("a number too large to be one is none, and a member is the object's own", () => {
  expect(parsed("1e999", isCount)).toBeUndefined();
  expect(parsed("{}", shape({ toString: isText }))).toBeUndefined();
  expect(parsed('{"a":true}', mapOf(isFlag))).toEqual({ a: true });
  expect(parsed('{"a":1}', mapOf(isFlag))).toBeUndefined();
});
