import { expect, test } from "vitest";
import { type Explanation, TemporaryError, UsageError } from "../../node-agent/src/base/errors.ts";
import { errorsPage, unusedCodes } from "./errors.ts";
import { REPOSITORY } from "./pages.ts";

test("every error code that is listed is given by some failure", () => {
  expect(unusedCodes(REPOSITORY)).toEqual([]);
});

test("a code that is in no row, or not with this exit code, does not compile", () => {
  const text = { why: "w", fix: "f" };
  // @ts-expect-error -- no such code
  const unknown: Explanation = { code: "boot.unheard-of", ...text };
  // @ts-expect-error -- a lock that is taken is a matter of time, not of the command line
  const wrong = new UsageError("what", { code: "boot.lock", ...text });
  const right = new TemporaryError("what", { code: "boot.lock", ...text });
  expect([unknown.code, wrong.exitCode, right.exitCode]).toEqual(["boot.unheard-of", 64, 75]);
});

test("the page gives a code's exit codes as the table has them", () => {
  expect(errorsPage()).toContain("`admin.reset` | 64, 75, 78 | ");
});
