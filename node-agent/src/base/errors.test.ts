import { expect, test } from "vitest";
import { ConfigurationError, describeError, exitCodeOf } from "./errors.ts";

const missing = new ConfigurationError("render: 2 parameters are missing under /greenleaf/prod", {
  code: "program.failed",
  why: "backend.env needs them",
  fix: "create them, then run greenleaf-agent boot",
  problems: ["db/host", "shop/title"],
});

test("an expected failure is told in what, why and fix, with every problem", () => {
  expect(describeError(missing)).toBe(
    [
      "error: render: 2 parameters are missing under /greenleaf/prod",
      "why:   backend.env needs them",
      "       - db/host",
      "       - shop/title",
      "fix:   create them, then run greenleaf-agent boot",
    ].join("\n"),
  );
});

test("a failure of configuration exits 78 and anything unexpected exits 70", () => {
  expect(exitCodeOf(missing)).toBe(78);
  expect(exitCodeOf(new TypeError("x is undefined"))).toBe(70);
});
