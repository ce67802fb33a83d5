import { expect, test } from "vitest";
import {
  bootProblem,
  commandProgress,
  deployed,
  fleetMove,
  isInBalance,
  lostLaunch,
  refreshProgress,
  rolledBack,
} from "./decisions.ts";

const before = { current: "two", previous: "one" };

test("a deploy keeps what ran as the release before; the same one again changes nothing", () => {
  expect(deployed(before, "three")).toEqual({ current: "three", previous: "two" });
  expect(deployed(before, "two")).toEqual(before);
  expect(deployed({ current: undefined, previous: undefined }, "one")).toEqual({ current: "one", previous: undefined });
});

test("a rollback goes back, a second one forward again, and where nothing ran before there is none", () => {
  const back = rolledBack(before);
  expect(back).toEqual({ current: "one", previous: "two" });
  expect(back && rolledBack(back)).toEqual(before);
  expect(rolledBack({ current: "one", previous: undefined })).toBeUndefined();
});

test("a fleet moves to what is wanted, and back when a node fails; to what it has it moves without a word", () => {
  const wanted = { current: "three", previous: "two" };
  expect(fleetMove(before, wanted)).toEqual({ document: "three", write: wanted, putBack: before });
  for (const same of [undefined, { current: "two", previous: "zero" }]) {
    expect(fleetMove(before, same)).toEqual({ document: "two", write: undefined, putBack: undefined });
  }
  expect(fleetMove({ current: undefined, previous: "one" }, undefined)).toBeUndefined();
  const first = { current: "one", previous: undefined };
  const none = { current: undefined, previous: undefined };
  expect(fleetMove(none, first)).toEqual({ document: "one", write: first, putBack: none });
});

const status = (boot: object) => JSON.stringify({ boot });
const answer = (over: object) => ({
  code: 0,
  stdout: status({ verdict: "ready", release: "new" }),
  stderr: "",
  ...over,
});

test("a node runs a release when its boot ended well, is ready and names that release", () => {
  expect(bootProblem(answer({}), "new")).toBeUndefined();
  expect(bootProblem(answer({ code: 1, stderr: "a\nb\n" }), "new")).toBe("verdict ready, release new (b)");
  expect(bootProblem(answer({}), "other")).toBe("verdict ready, release new ()");
  expect(bootProblem(answer({ stdout: status({ verdict: "degraded", release: "new" }) }), "new")).toBe(
    "verdict degraded, release new ()",
  );
  for (const stdout of ["", "no JSON", "{}"]) {
    expect(bootProblem(answer({ stdout }), "new")).toBe("verdict unknown, release none ()");
  }
  const reason = { what: "pull", why: "no disk" };
  expect(bootProblem(answer({ stdout: status({ verdict: "failed", reason }) }), "new")).toBe("pull: no disk");
});

test("a node that the balancer sends to, or does not know, need not be waited for", () => {
  expect(["healthy", "-", "unused"].map(isInBalance)).toEqual([true, true, true]);
  expect(["initial", "unhealthy", "draining", "gone", ""].map(isInBalance)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("a command is under way until it says otherwise; what was lost has no good code", () => {
  for (const Status of ["Pending", "InProgress", "Delayed", "Cancelling"]) {
    expect(commandProgress({ Status })).toEqual({ is: "under way", told: `it is ${Status}` });
  }
  const over = (invocation: object) => commandProgress(invocation);
  expect(over({ Status: "Success", StandardOutputContent: "o", StandardErrorContent: "e", ResponseCode: 3 })).toEqual({
    is: "over",
    value: { code: 0, stdout: "o", stderr: "e" },
  });
  expect(over({ Status: "Failed", ResponseCode: 75 })).toMatchObject({ value: { code: 75, stderr: "Failed" } });
  expect(over({ Status: "TimedOut", ResponseCode: 0 })).toMatchObject({ value: { code: -1 } });
  expect(over({ Status: "Cancelled" })).toMatchObject({ value: { code: -1, stdout: "" } });
  expect(over({})).toMatchObject({ is: "over", value: { code: -1, stderr: "unknown" } });
});

const refresh = (id: string, status: string, rest = "") =>
  `<member><InstanceRefreshId>${id}</InstanceRefreshId><Status>${status}</Status>${rest}`;

test("a refresh is read out of its own part of the list, and unknown words are a failure", () => {
  const xml = (status: string, rest?: string) =>
    refresh("a", "Failed") + refresh("b", status, rest) + refresh("c", "Failed");
  for (const status of ["Pending", "InProgress", "Baking"]) {
    expect(refreshProgress(xml(status), "b")).toEqual({ is: "under way", told: `${status}, 0 %` });
  }
  expect(refreshProgress(xml("Successful", "<PercentageComplete>100</PercentageComplete>"), "b")).toEqual({
    is: "over",
    value: "Successful, 100 %",
  });
  expect(refreshProgress(xml("Cancelled", "<StatusReason>x</StatusReason>"), "b")).toEqual({
    is: "failed",
    why: "the refresh is Cancelled: x",
  });
  expect(refreshProgress(xml("RollbackFailed"), "b")).toMatchObject({
    why: "the refresh is RollbackFailed: no reason given",
  });
  expect(refreshProgress("", "b")).toEqual({ is: "under way", told: "unknown, 0 %" });
});

const since = new Date("2026-11-01T10:00:00Z");
const activity = (description: string, status: string, start: string, rest = "") =>
  `<member><Description>${description}</Description><StatusCode>${status}</StatusCode><StartTime>${start}</StartTime>${rest}`;

test("a launch that failed or was cancelled since the refresh began is lost, an earlier one and anything else is not", () => {
  const at = "2026-11-01T10:00:00Z";
  for (const status of ["Failed", "Cancelled"]) {
    expect(lostLaunch(activity("Launching i-1", status, at, "<StatusMessage>m</StatusMessage>"), since)).toBe(
      "Launching i-1: m",
    );
  }
  expect(lostLaunch(activity("Launching i-1", "Failed", at), since)).toBe("Launching i-1: no reason given");
  expect(lostLaunch(activity("Launching i-1", "Failed", "2026-11-01T09:59:59Z"), since)).toBeDefined();
  expect(lostLaunch(activity("Launching i-1", "Failed", "2026-11-01T09:59:58.999Z"), since)).toBeUndefined();
  expect(lostLaunch(activity("Launching i-1", "Successful", at), since)).toBeUndefined();
  expect(lostLaunch(activity("Terminating i-1", "Failed", at), since)).toBeUndefined();
  expect(lostLaunch("", since)).toBeUndefined();
});
