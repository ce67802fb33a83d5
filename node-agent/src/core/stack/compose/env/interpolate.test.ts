import { expect, test } from "vitest";
import { InterpolationProblem, interpolate } from "./interpolate.ts";

const lookup = (name: string): string | undefined => ({ SET: "value", EMPTY: "", NAME: "inner" })[name];

test.each([
  ["$SET and ${SET}", "value and value"],
  ["${UNSET:-soft} ${EMPTY:-soft} ${EMPTY-hard} ${UNSET-hard}", "soft soft  hard"],
  ["${SET:+other} ${EMPTY:+other} ${EMPTY+other} ${UNSET+other}", "other  other "],
  ["${UNSET:-${ALSO:-${NAME}-deep}}", "inner-deep"],
  ["${UNSET:-{a}}", "{a}"],
  ["$$SET $${SET} $$$$", "$SET ${SET} $$"],
  ["${SET:?needed} [$UNSET]", "value []"],
])("%s is %s", (template, expected) => {
  expect(interpolate(template, lookup)).toBe(expected);
});

test.each([
  ["${UNSET:?the release names it}", "UNSET is required: the release names it"],
  ["${EMPTY:?}", "EMPTY is required: it has no value"],
  ["a $ alone", 'a lone $ in "a $ alone": write $$ for a dollar sign'],
  ["${SET", '"${" is never closed in "${SET"'],
  ["${-x}", '"${-x}" names no variable'],
  ["${SET%x}", '"${SET%x}" is not a form of interpolation'],
])("%s is refused", (template, message) => {
  expect(interpolate(template, lookup)).toEqual(new InterpolationProblem(message));
});
