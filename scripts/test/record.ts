/** What became of one test, as the reporter saw it. */
export interface TestRecord {
  readonly kind: "test";
  readonly id: string;
  /** `path > suite > sentence`. */
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped" | "pending";
  /** Why it did not run, where somebody said so: by its name, or in the call that skipped it. */
  readonly skipReason?: string;
  /** What its first failed assertion said, in a few lines. */
  readonly said?: string;
}

/** What broke outside a test: a file, a hook, a worker. */
export interface FaultRecord {
  readonly kind: "fault";
  readonly name: string;
}

/** The last line of a whole record; without it the run was cut short. */
export interface EndRecord {
  readonly kind: "end";
}

export type RunRecord = TestRecord | FaultRecord | EndRecord;

/** Names the file in which vitest's reporter keeps the record of its run, one JSON document a line. */
export const RECORD_VARIABLE = "GREENLEAF_TEST_RECORD";
