import { expect, test } from "vitest";
import { prefixReaper } from "../../support/reaper.ts";

test.each(["gl-generated", `gl-par-generated-${process.pid}`, "gl-par-generated"])(
  "a suite beside others takes no prefix that could be another's: %s",
  (prefix) => expect(() => prefixReaper(prefix)).toThrow("process.pid"),
);
