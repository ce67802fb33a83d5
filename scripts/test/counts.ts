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

/** The part of vitest's JSON report that is read. */
interface VitestReport {
  readonly testResults: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: ReadonlyArray<{ readonly fullName: string; readonly status: string }>;
  }>;
}

export function countsOf(report: VitestReport): Counts {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const named = (status: (status: string) => boolean) =>
    tests.filter((t) => status(t.status)).map((t) => t.fullName.trim());
  // A file that cannot be loaded has no tests to fail.
  const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  return {
    passed: named((status) => status === "passed").length,
    failed: [
      ...named((status) => status === "failed"),
      ...broken.map((file) => `${file.name}: ${file.message ?? "not loaded"}`),
    ],
    skipped: named((status) => !["passed", "failed"].includes(status)),
  };
}
