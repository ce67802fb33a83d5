import { describe, test } from "vitest";

interface Api {
  each: Table;
  for: Table;
}
type Table = (this: unknown, cases: Iterable<unknown>, ...rest: unknown[]) => unknown;

/** A table without rows would make no test and say nothing: a list that turned out empty is a fault of what drew it up. */
function refuseEmptyTables(api: Api): void {
  for (const way of ["each", "for"] as const) {
    const original = api[way];
    api[way] = function checked(cases, ...rest) {
      if ([...cases].length > 0) return original.call(this, cases, ...rest);
      const error = new Error(`${way}([]): a table without rows makes no test`);
      // What is shown is the line that has the table.
      Error.captureStackTrace(error, checked);
      throw error;
    };
  }
}

// `test.skipIf(...)`, `test.concurrent` and the like are made anew from `fn` each time.
for (const api of [test, describe] as unknown as Array<Api & { fn: Api }>) {
  refuseEmptyTables(api.fn);
  refuseEmptyTables(api);
}
