import { expect, test } from "vitest";
import { readMembers } from "./secret-members.ts";

const membersOf = (json: string) => {
  const read = readMembers(json);
  return read.ok ? Object.fromEntries(read.members) : read.why;
};

test("texts are unescaped; numbers, booleans, objects and arrays stay letter for letter", () => {
  const json = ` { "s" : "a\\"}\\u00e9" , "big":9007199254740993,"e":1e400 ,"t":true, "o": {"a": [1, "}"]}, "l":[ {"x":"]"} ] ,"":"" } `;
  expect(membersOf(json)).toEqual({
    s: 'a"}é',
    big: "9007199254740993",
    e: "1e400",
    t: "true",
    o: '{"a": [1, "}"]}',
    l: '[ {"x":"]"} ]',
    "": "",
  });
});

test("null is absent, and a member named __proto__ is only a name", () => {
  const read = readMembers('{"a":null,"__proto__":"p"}');
  expect(read.ok && [...read.members]).toEqual([["__proto__", "p"]]);
});

test("a member given twice is refused by name, also when escapes hide that", () => {
  expect(membersOf('{"a":1,"b":2,"\\u0061":3}')).toBe('it has "a" twice');
});

test("what is not an object is refused without quoting it", () => {
  for (const text of ["hunter2", "[1]", '"hunter2"', "null", '{"a":"hunter2"', ""]) {
    expect(membersOf(text)).toBe("its text is not a JSON object");
  }
});

test("a character that an editor put in unasked is named, without a word of what stands around it", () => {
  expect(membersOf('\ufeff{"a":"hunter2"}')).toBe(
    "its text is not a JSON object: there is a byte order mark (BOM) in it",
  );
  expect(membersOf('{\u00a0"a":"hunter2"}')).toBe("its text is not a JSON object: there is a no-break space in it");
  expect(membersOf('\ufeff{"a":"hunter2"')).toBe("its text is not a JSON object");
});
