import { expect, test } from "vitest";
import { countsOf } from "./counts.ts";
import type { RunRecord } from "./record.ts";

const lines = (...records: RunRecord[]) => records.map((record) => JSON.stringify(record));
const passed = { kind: "test", id: "1", name: "a.test.ts > adds", state: "passed" } as const;
const end = { kind: "end" } as const;
const well = { code: 0, signal: null, complaints: [], isStopped: false };
const badly = { code: 1, signal: null, complaints: [], isStopped: false };

test("what passed is a number; a skip with a reason keeps its name", () => {
  const name = "a.test.ts > a router: this kernel has no legacy: no such table";
  const skip = { kind: "test", id: "2", name, state: "skipped", skipReason: name } as const;
  expect(countsOf("nat", lines(passed, skip, end), well)).toEqual({ passed: 1, failed: [], skipped: [name] });
});

test("a test is counted once, as it was at the end", () => {
  const counts = countsOf("nat", lines(passed, { ...passed, state: "failed" }, end), badly);
  expect(counts).toEqual({ passed: 0, failed: ["a.test.ts > adds"], skipped: [] });
});

test("a test that was not skipped on purpose and did not run has failed", () => {
  const skipped = { ...passed, id: "2", state: "skipped" } as const;
  const pending = { ...passed, id: "3", state: "pending" } as const;
  expect(countsOf("nat", lines(passed, skipped, pending, end), well).failed).toEqual([
    "a.test.ts > adds: was never reached",
    "a.test.ts > adds: did not end",
  ]);
});

test("a file or a hook that failed has failed, whatever its tests say", () => {
  const fault = { kind: "fault", name: "a.test.ts: left a folder" } as const;
  expect(countsOf("nat", lines(passed, fault, end), badly).failed).toEqual(["a.test.ts: left a folder"]);
});

test("a skip for a reason that is not written down has failed", () => {
  const skip = { kind: "test", id: "2", name: "a.test.ts > later", state: "skipped", skipReason: "later" } as const;
  expect(countsOf("nat", lines(passed, skip, end), well)).toEqual({
    passed: 1,
    failed: ["a.test.ts > later: skipped for no reason of scripts/test/skips.ts"],
    skipped: [],
  });
});

test("a run that somebody ended is counted as far as it came", () => {
  const ending = { code: null, signal: "SIGTERM", complaints: [], isStopped: true };
  expect(countsOf("nat", lines(passed), ending)).toEqual({ passed: 1, failed: [], skipped: [] });
});

test("no test at all has failed", () => {
  expect(countsOf("nat", lines(end), well).failed).toEqual(["nat: no test was run"]);
});

test("a record without its end, or torn in a line, has failed", () => {
  const torn = ["nat: the record of the run ends in the middle"];
  expect(countsOf("nat", lines(passed), well).failed).toEqual(torn);
  expect(countsOf("nat", [...lines(passed), '{"kind":"en'], well).failed).toEqual(torn);
});

test("an exit code that no failure explains is one, with what vitest said last", () => {
  expect(countsOf("nat", lines(passed, end), badly).failed).toEqual(["nat: vitest ended with code 1"]);
  expect(countsOf("nat", lines(end), { ...badly, complaints: ["Error: a", "Error: b"] }).failed).toEqual([
    "nat: no test was run",
    "nat: vitest ended with code 1: Error: b",
  ]);
  expect(
    countsOf("nat", lines(passed, end), { code: null, signal: "SIGKILL", complaints: [], isStopped: false }).failed,
  ).toEqual(["nat: vitest ended with SIGKILL"]);
});

test("a tear-down that fails is told beside a failed test", () => {
  const ending = { ...badly, complaints: ["Error: told already", "error during close Error: left a network"] };
  expect(countsOf("nat", lines({ ...passed, state: "failed" }, end), ending).failed).toEqual([
    "a.test.ts > adds",
    "nat: error during close Error: left a network",
  ]);
});
