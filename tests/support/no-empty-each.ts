import { describe, test } from "vitest";

interface Api {
  each: Table;
  for: Table;
}
type Table = (this: unknown, cases: Iterable<unknown>, ...rest: unknown[]) => unknown;

/** `test` itself, what it was extended to, or `describe`; `test.skipIf(...)` and the like are made anew from `fn` each time. */
interface Root extends Api {
  readonly fn: Api;
  extend?: (this: unknown, ...fixtures: unknown[]) => Root;
}

/** A table without rows would make no test and say nothing: a list that turned out empty is a fault of what drew it up. */
function refuseEmptyTables(api: Api): void {
  for (const way of ["each", "for"] as const) {
    const original = api[way];
    api[way] = function checked(cases, ...rest) {
      // Of a table in a template the cells are what stands between its words.
      const rows = "raw" in cases ? rest : [...cases];
      if (rows.length > 0) return original.call(this, cases, ...rest);
      const error = new Error(`${way}([]): a table without rows makes no test`);
      // What is shown is the line that has the table.
      Error.captureStackTrace(error, checked);
      throw error;
    };
  }
}

function refuseIn(root: Root): void {
  refuseEmptyTables(root.fn);
  refuseEmptyTables(root);
  const { extend } = root;
  if (extend === undefined) return;
  root.extend = function extended(...fixtures) {
    const more = extend.apply(this, fixtures);
    refuseIn(more);
    return more;
  };
}

for (const root of [test, describe] as unknown as Root[]) refuseIn(root);
