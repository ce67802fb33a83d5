import { expect, test } from "vitest";
import { closingOf, faultsOf } from "./closing.ts";

const printed = (...lines: string[]) =>
  ["== unit: format", "skipped: of a log", "== unit: 3 passed in 1 s", "", ...lines, ""].join("\n");
const TERRAFORM =
  "skipped: plans (skipped: terraform is not installed (releases.hashicorp.com/terraform, 1.11 or later))";

test("what stands behind the last group is the closing", () => {
  expect(closingOf(printed("failed: a", "1 passed, 1 failed, 0 skipped"))).toEqual([
    "failed: a",
    "1 passed, 1 failed, 0 skipped",
  ]);
});

test("a run that passes, and skips what no newcomer could run, is green", () => {
  expect(faultsOf(0, printed("3 passed, 0 failed, 0 skipped"))).toEqual([]);
  expect(
    faultsOf(0, printed(TERRAFORM, "skipped: nat: this kernel has no legacy: x", "3 passed, 0 failed, 2 skipped")),
  ).toEqual([]);
});

test.each([
  ["ends with a code", 1, ["3 passed, 0 failed, 0 skipped"], ["it ended with code 1"]],
  ["was ended by a signal", null, ["3 passed, 0 failed, 0 skipped"], ["it ended with code null"]],
  ["counts nothing", 0, ["0 passed, 0 failed, 0 skipped"], ["its last line counts no test that passed"]],
  ["stops in the middle", 0, ["failed: a"], ["its last line counts no test that passed", "failed: a"]],
  [
    "has a failure",
    1,
    ["failed: a", "3 passed, 1 failed, 0 skipped"],
    ["it ended with code 1", "1 failed", "failed: a"],
  ],
  [
    "skips what root can run",
    0,
    ["skipped: needs strace: apt-get install strace", "3 passed, 0 failed, 1 skipped"],
    ["needs strace: apt-get install strace: skipped, though this machine could run it"],
  ],
  [
    "skips for another reason",
    0,
    ["skipped: later", "3 passed, 0 failed, 1 skipped"],
    ["later: skipped for no reason of scripts/test/skips.ts"],
  ],
])("a run that %s is not", (_, code, closing, faults) => {
  expect(faultsOf(code, printed(...closing))).toEqual(faults);
});
