import { expect, test } from "vitest";
import { hasLooseOperator } from "./words.ts";

test.each([
  "a  b\tc",
  `sh -c 'one; "two"' "three | 'four' \\"five\\"" six\\ seven \\; eight`,
  `a""b '' ""`,
  "echo `a; b` c",
  "",
])("%s is taken as it stands", (line) => {
  expect(hasLooseOperator(line)).toBe(false);
});

test.each(["'open", '"open', "`open", "a; b", "a | b", "a > b", "(a)", "a && b", "ends\\"])("%s is refused", (line) => {
  expect(hasLooseOperator(line)).toBe(true);
});
