import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from "vitest/node";
import { RECORD_VARIABLE, type RunRecord, type TestRecord } from "./record.ts";

/**
 * Keeps the record `greenleaf test` counts from. Each test is written when it ends, so that a run that is cut short can be
 * counted too; all are written again at the end, for only then it is known which were never reached.
 */
// oxlint-disable-next-line import/no-default-export -- vitest loads a reporter by it
export default class RecordReporter implements Reporter {
  readonly #path = process.env[RECORD_VARIABLE] ?? "";

  onTestCaseResult(test: TestCase): void {
    this.#write([testRecord(test)]);
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()].map(testRecord));
    const faults = [...modules.flatMap(faultsOf), ...errors.map(outsideOfTests)];
    this.#write([...tests, ...faults.map((name) => ({ kind: "fault", name }) as const), { kind: "end" }]);
  }

  #write(records: readonly RunRecord[]): void {
    appendFileSync(this.#path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }
}

function testRecord(test: TestCase): TestRecord {
  const { state } = test.result();
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  const why = state === "skipped" ? reasonOf(test) : undefined;
  const said = saidBy(test);
  const reasons = { ...(why === undefined ? {} : { skipReason: why }), ...(said === undefined ? {} : { said }) };
  return { kind: "test", id: test.id, name, state, ...reasons };
}

/** What the first failed assertion said, with the difference it saw: the log above may be gone when this is read. */
function saidBy(test: TestCase): string | undefined {
  const [error] = test.result().errors ?? [];
  if (error === undefined) return undefined;
  const difference = stripVTControlCharacters(error.diff ?? "")
    .split("\n")
    .filter((line) => SEEN.test(line));
  return [described(error), ...difference]
    .slice(0, SAID_LINES)
    .map((line) => line.slice(0, SAID_COLUMNS))
    .join("\n");
}

/** Lines of vitest's difference that tell something, its head left out. */
const SEEN = /^[-+] (?!(Expected|Received)$)/;
const SAID_LINES = 20;
const SAID_COLUMNS = 300;

/** A test that no one skipped has no reason: its file's set-up failed, or its worker died. */
function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  if (result.state === "skipped" && result.note !== undefined) return result.note;
  return test.options.mode === "skip" || test.options.mode === "todo" ? test.fullName : undefined;
}

/** Files that could not be loaded or hold no test, and hooks that failed. */
function faultsOf(module: TestModule): string[] {
  const file = module.relativeModuleId;
  const ofSuites = [...module.children.allSuites()].flatMap((suite: TestSuite) =>
    suite.errors().map((error) => `${file} > ${suite.fullName}: ${described(error)}`),
  );
  const faults = [...module.errors().map((error) => `${file}: ${described(error)}`), ...ofSuites];
  if (faults.length > 0) return faults;
  if (module.state() === "queued" || module.state() === "pending") return [`${file}: did not end`];
  return [...module.children.allTests()].length === 0 ? [`${file}: holds no test`] : [];
}

function outsideOfTests(error: SerializedError): string {
  const { VITEST_TEST_PATH: path, VITEST_TEST_NAME: test, type = "Error outside of tests" } = error as Where;
  const where = [path === undefined ? undefined : relative(process.cwd(), path), test].filter(
    (part) => part !== undefined,
  );
  return `${[...where, type].join(" > ")}: ${described(error)}`;
}

type Where = SerializedError & {
  readonly VITEST_TEST_PATH?: string;
  readonly VITEST_TEST_NAME?: string;
  readonly type?: string;
};

/** What was said, why, and the line of ours it came from. */
function described({ message, cause, stacks = [] }: Described): string {
  const frame = stacks.find(({ file }) => !/node_modules|^node:/.test(file));
  const words = message?.trim().split("\n")[0] || "an error without a word";
  const said = [words, ...(cause === undefined ? [] : [described(cause)])].join(": ");
  return frame === undefined ? said : `${said} (${relative(process.cwd(), frame.file)}:${frame.line})`;
}

interface Described {
  /** Null of what is no error: \`Promise.reject()\`. */
  readonly message: string | null;
  readonly cause?: Described;
  readonly stacks?: readonly Frame[];
}

interface Frame {
  readonly file: string;
  readonly line: number;
}
