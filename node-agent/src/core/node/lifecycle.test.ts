import { expect, test } from "vitest";
import { spotInterruption, targetInterruption } from "./interruption.ts";
import { hookStep } from "./lifecycle.ts";

test("a hook is completed only while it waits, and waited for just before", () => {
  const launch = ["Pending", "Pending:Wait", "Warmed:Pending:Wait", "Pending:Proceed", "InService"].map((s) =>
    hookStep("launch", s),
  );
  expect(launch).toEqual(["wait", "complete", "complete", "none", "none"]);
  const terminate = ["InService", "Terminating", "Terminating:Wait", "Terminating:Proceed", "Terminated"].map((s) =>
    hookStep("terminate", s),
  );
  expect(terminate).toEqual(["wait", "wait", "complete", "none", "none"]);
});

test("what IMDS says of the end of the instance", () => {
  expect(spotInterruption('{"action": "terminate", "time": "2026-01-01T10:02:00Z"}')).toBe(
    "Spot notice: terminate at 2026-01-01T10:02:00Z",
  );
  expect(spotInterruption("{}")).toBe("Spot notice: end");
  expect(spotInterruption(undefined)).toBeUndefined();
  expect([targetInterruption("Terminated\n"), targetInterruption("InService"), targetInterruption(undefined)]).toEqual([
    "the Auto Scaling group ends this instance",
    undefined,
    undefined,
  ]);
});
