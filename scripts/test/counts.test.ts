import { expect, test } from "vitest";
import { countsOf } from "./counts.ts";

test("a file that could not be loaded counts as a failure, and a skip keeps its name", () => {
  const counts = countsOf({
    testResults: [
      { name: "a.test.ts", status: "failed", message: "no such module", assertionResults: [] },
      {
        name: "b.test.ts",
        status: "passed",
        assertionResults: [
          { fullName: "adds", status: "passed" },
          { fullName: "flowtables (kernel has none)", status: "skipped" },
        ],
      },
    ],
  });
  expect(counts).toEqual({
    passed: 1,
    failed: ["a.test.ts: no such module"],
    skipped: ["flowtables (kernel has none)"],
  });
});
