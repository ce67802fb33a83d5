import { expect, test } from "vitest";
import { encodeLine, type Reader } from "./dotenv.ts";

const lines = (reader: Reader, values: readonly string[]) =>
  values.map((value) => {
    const spelled = encodeLine(reader, "K", value);
    return spelled.ok ? spelled.line : spelled.why;
  });

test("Compose gets a value bare where every reader agrees, else in single, else in escaped double quotes", () => {
  expect(lines("compose", ["", "a=b/c:1", "a b#$x", "it's $5", "ends in \\", 'a\nb"'])).toEqual([
    "K=",
    "K=a=b/c:1",
    "K='a b#$x'",
    'K="it\'s \\$5"',
    'K="ends in \\\\"',
    'K="a\\nb\\""',
  ]);
});

test("Node gets the first quotes that the value does not hold, and base64 where no spelling is left", () => {
  expect(lines("node", ["a b", "it's", "it's \\n", "'\"` x", "'\"`#", "a\rb"])).toEqual([
    "K='a b'",
    'K="it\'s"',
    "K=`it's \\n`",
    "K_B64=JyJgIHg=",
    "K_B64=JyJgIw==",
    "K_B64=YQ1i",
  ]);
  expect(lines("node", ["x '\"` y"])).toEqual(["K=x '\"` y"]);
});

test("what no environment carries is refused by its kind, never by its text", () => {
  const long = "x".repeat(131_070);
  for (const reader of ["compose", "node"] as const) {
    expect(lines(reader, ["a\0b", "a\ud800", long])).toEqual([
      "it holds a NUL, which no environment can carry",
      "it holds half a surrogate pair, which has no UTF-8",
      "KEY=value has 131072 bytes; Linux carries at most 131071",
    ]);
  }
});
