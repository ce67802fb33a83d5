import { expect, test } from "vitest";
import { isProgram } from "./path-stat.ts";

const described = (mode: number) => Buffer.from(JSON.stringify({ name: "x", size: 1, mode })).toString("base64");

test("a program is a file that somebody may run, or a link; a folder or a plain file is none", () => {
  expect(isProgram(described(0o755))).toBe(true);
  expect(isProgram(described(2 ** 27 + 0o777))).toBe(true);
  expect(isProgram(described(2 ** 31 + 0o755))).toBe(false);
  expect(isProgram(described(0o644))).toBe(false);
});

test("what the engine does not describe is left to its start", () => {
  expect(isProgram(undefined)).toBe(true);
});
