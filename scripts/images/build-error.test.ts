import { describe, expect, test } from "vitest";
import { buildFailure } from "./build-error.ts";

const said = (output: string) =>
  buildFailure("x could not be built", output, { log: "x.log", again: "./greenleaf images x" });

describe("a build that failed", () => {
  test("by the network asks for another try", () => {
    const error = said(
      "#5 [2/3] RUN apt\n#5 0.4 E: Failed to fetch http://d/x  Could not resolve 'd'\n#5 ERROR: executor failed running [x]: exit code: 100\n",
    );
    expect(error.exitCode).toBe(75);
    expect(error.why).toBe("E: Failed to fetch http://d/x  Could not resolve 'd'");
    expect(error.fix).toBe("check the network, then run: ./greenleaf images x");
  });

  test("by a full disk says so", () => {
    expect(said("#5 1.1 write /x: no space left on device\n").fix).toContain("free some disk space");
  });

  test("by its own step names the line that says why and the log", () => {
    const error = said(
      "#7 0.1 building\n#7 0.2 pick: libc6 has no usr/lib/x\n#7 ERROR: executor failed running [sh]: exit code: 1\n------\n > [2/3]:\n",
    );
    expect(error.exitCode).toBe(69);
    expect(error.why).toBe("pick: libc6 has no usr/lib/x");
    expect(error.fix).toBe("see x.log, then run: ./greenleaf images x");
  });

  test("with a stack trace names its message, not its frames or the builder's summary", () => {
    const frames =
      "#14 19.1 Error [Internal]: Failed to write /_error\n#14 19.1     at <unknown> (Internal: Failed) {\n";
    const summary = "------\n > [3/3] RUN build:\n19.1     at <unknown> (Internal: Failed) {\n------\n";
    expect(said(`${frames}#14 ERROR: executor failed running [sh]: exit code: 1\n${summary}`).why).toBe(
      "Error [Internal]: Failed to write /_error",
    );
  });

  test("takes no other word that ends like apt's E: for its reason", () => {
    const output = "#5 1 next/font: Failed to load Geist\n#5 2 Import trace:\n#5 3     ./app/layout.js\n";
    expect(said(output).why).toBe("next/font: Failed to load Geist");
  });

  test("without a word still has a reason", () => {
    expect(said("").why).toBe("the builder printed no reason");
  });
});
