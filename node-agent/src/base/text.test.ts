import { expect, test } from "vitest";
import { invisible, textOf, unasked } from "./text.ts";

test("bytes that are no UTF-8 are refused with file, line and column", () => {
  const latin1 = Buffer.from("name: x\nlabel: caf\u00e9\n", "latin1");
  expect(() => textOf(latin1, "docker-compose.yml")).toThrow("docker-compose.yml:2:11: this is no UTF-8");
  expect(() => textOf(Buffer.from([0x41, 0xe2, 0x82]), "a.env.hbs")).toThrow("a.env.hbs:1:2");
  expect(textOf(Buffer.from("\ufeffcaf\u00e9 \u{1f600}"), "x")).toBe("\ufeffcaf\u00e9 \u{1f600}");
});

test.each([
  ["db.example.test\n", "a line end"],
  ["db.example.test\r\n", "a carriage return (CR, the line end of Windows)"],
  ["\ufeffdb", "a byte order mark (BOM)"],
  [" db", "a blank"],
  ["db\u00a0", "a no-break space"],
  ["d\tb", "a tab"],
  ["d\u0000b", "the control character U+0000"],
  ["d\u001bb", "the control character U+001B"],
  ["db\u200b", "a character without width"],
])("what nobody sees in %j is named", (value, name) => {
  expect(invisible(value)).toBe(name);
});

test("a value without such characters is left alone, with blanks inside of it too", () => {
  expect(["", "p@ss w\u00f6rd", "a\u00a0b"].map(invisible)).toEqual([undefined, undefined, undefined]);
});

test("what an editor puts in is found with its place", () => {
  expect(unasked("{\n \u00a0}")).toEqual({ line: 2, column: 2, name: "a no-break space" });
  expect(unasked('{ "a": 1 }')).toBeUndefined();
});
