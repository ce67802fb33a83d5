import { expect, test } from "vitest";
import { DotenvProblem, readDotenv, readRawDotenv } from "./read-dotenv.ts";

const lookup = (name: string): string | undefined => (name === "SET" ? "given" : undefined);
const read = (text: string): unknown => {
  const values = readDotenv(text, lookup);
  return values instanceof DotenvProblem ? values : Object.fromEntries(values);
};

// What real compose makes of these is held by tests/compose/accepted/env-file-dialect.yml.
test("quotes, escapes, comments, export and earlier lines are read as compose reads them", () => {
  const text = [
    "# a comment",
    "export A=1 # one",
    "B: two",
    "C='$SET \\'kept\\''",
    'D="$SET\\n\\$SET \\"q\\" \\0101"',
    "E=${A}-${SET}-${NONE:-default}",
    'F="first',
    'second" # after',
    "SET",
    "NONE",
  ].join("\n");
  expect(read(text)).toEqual({
    A: "1",
    B: "two",
    C: "$SET 'kept'",
    D: 'given\n$SET "q" A',
    E: "1-given-default",
    F: "first\nsecond",
    SET: "given",
  });
});

test("a problem names its line and the key, never the value", () => {
  expect(read('A=1\nTOKEN="hunter2')).toEqual(new DotenvProblem(2, "the quote around TOKEN is never closed"));
  expect(read("A=1\n\nTOKEN=hunter2$")).toEqual(new DotenvProblem(3, "the value of TOKEN has a bad variable in it"));
  expect(read("A B=1")).toEqual(new DotenvProblem(1, "a key cannot contain a space"));
  expect(read("A!=1")).toEqual(new DotenvProblem(1, "a character that no key may hold"));
});

test("raw values are taken as they stand", () => {
  const values = readRawDotenv('A="x" # y\n# no\n\nB=$SET\r\nSET\nNONE\nC=a=b', lookup);
  expect(Object.fromEntries(values as Map<string, string>)).toEqual({
    A: '"x" # y',
    B: "$SET",
    SET: "given",
    C: "a=b",
  });
  expect(readRawDotenv("A B=1", lookup)).toEqual(new DotenvProblem(1, "a key must be a name without spaces"));
});
