import type { RunRecord, TestRecord } from "./record.ts";
import { skipRefused } from "./skips.ts";

/** What a run of tests came to; names of what did not pass are kept, so that the end of the output tells all. */
export interface Counts {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

export const NONE: Counts = { passed: 0, failed: [], skipped: [] };

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: [...a.failed, ...b.failed], skipped: [...a.skipped, ...b.skipped] };
}

export function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;
}

/** How vitest's process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said of an error that neither a test nor a file has: in a group's set-up or tear-down. */
  readonly complaints: readonly string[];
  /** Somebody ended the run: what was counted so far is told, and that it is not all. */
  readonly isStopped: boolean;
}

/** Green is what says so itself: a record that is whole, each test passed or skipped on purpose, and exit code 0. */
export function countsOf(group: string, lines: readonly string[], ending: Ending): Counts {
  const records = lines.map(parsed);
  const tests = lastOfEach(records.filter((record) => record?.kind === "test"));
  const named = (wanted: (test: TestRecord) => boolean) => tests.filter(wanted).map(({ name }) => name);
  const told = [
    ...tests.flatMap(failureOf),
    ...records.flatMap((record) => (record?.kind === "fault" ? [record.name] : [])),
  ];
  const isWhole = records.at(-1)?.kind === "end";
  const missing = [
    ...(tests.length === 0 ? [`${group}: no test was run`] : []),
    ...(isWhole ? [] : [`${group}: the record of the run ends in the middle`]),
  ];
  const isExplained = told.length > 0 && missing.length === 0;
  return {
    passed: named(({ state }) => state === "passed").length,
    failed: ending.isStopped ? told : [...told, ...missing, ...endingFaults(group, ending, isExplained)],
    skipped: named((test) => isSkip(test) && skipFault(test) === undefined),
  };
}

const isSkip = ({ state }: TestRecord): boolean => state === "skipped";

function failureOf(test: TestRecord): string[] {
  if (test.state === "failed") return [[test.name, ...(test.said?.split("\n") ?? [])].join("\n    ")];
  if (test.state === "pending") return [`${test.name}: did not end`];
  if (test.state === "passed") return [];
  const fault = skipFault(test);
  return fault === undefined ? [] : [`${test.name}: ${fault}`];
}

const skipFault = ({ skipReason }: TestRecord): string | undefined =>
  skipReason === undefined ? "was never reached" : skipRefused(skipReason);

/** An exit code that failures explain needs no line of its own; a tear-down that fails has no other line. */
function endingFaults(group: string, { code, signal, complaints }: Ending, isExplained: boolean): string[] {
  if (code === 0) return [];
  const closing = complaints.filter((line) => line.startsWith(CLOSING));
  if (isExplained && signal === null) return closing.map((line) => `${group}: ${line}`);
  return [[`${group}: vitest ended with ${signal ?? `code ${code}`}`, ...complaints.slice(-1)].join(": ")];
}

/** How vitest begins what it says of a tear-down. */
const CLOSING = "error during close";

/** A line that was cut short is no record. */
function parsed(line: string): RunRecord | undefined {
  try {
    return JSON.parse(line) as RunRecord;
  } catch {
    return undefined;
  }
}

function lastOfEach(records: readonly TestRecord[]): TestRecord[] {
  return [...new Map(records.map((record) => [record.id, record])).values()];
}
