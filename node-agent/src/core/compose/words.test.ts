import { expect, test } from "vitest";
import { splitWords } from "./words.ts";

test.each([
  ["a  b\tc", ["a", "b", "c"]],
  [
    `sh -c 'one "two"' "three 'four' \\"five\\"" six\\ seven`,
    ["sh", "-c", 'one "two"', `three 'four' "five"`, "six seven"],
  ],
  [`a""b '' ""`, ["ab", "", ""]],
  ["", []],
])("%s", (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

test.each(["'open", '"open', "a; b", "a | b", "a > b", "(a)", "a && b", "ends\\"])("%s is refused", (line) => {
  expect(splitWords(line)).toBeUndefined();
});
