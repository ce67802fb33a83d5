import { ConfigurationError } from "../../../base/errors.ts";

/** Keys and indexes from the root of the file to a value, as in ["services", "web", "ports", 0]. */
export type Path = ReadonlyArray<string | number>;

/** One thing wrong with a Compose file. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** Where it stands, when it stands at no path (bad YAML). */
  readonly at?: string;
  /** What to look for in the file where a list of the model has other items than the list there. */
  readonly value?: string;
}

/** Where a path stands in the file: `docker-compose.yml:12:5`. */
export type Locate = (path: Path, value?: string) => string;

/** All problems of a file in one error, each with file, line and column, in the order they stand in the file. */
export function refusal(file: string, problems: readonly Problem[], locate: Locate): ConfigurationError {
  const lines = problems.map((problem) => ({
    at: problem.at ?? locate(problem.path, problem.value),
    text: problemText(problem),
  }));
  lines.sort((a, b) => a.at.localeCompare(b.at, "en", { numeric: true }));
  const unique = [...new Set(lines.map(({ at, text }) => `${at}: ${text}`))];
  return new ConfigurationError(`stack: ${file} cannot be used`, {
    code: "stack.compose",
    why: `${unique.length} ${unique.length === 1 ? "problem" : "problems"}:`,
    fix: "correct the file; docs/compose-subset.md lists what a stack may use",
    problems: unique,
  });
}

function problemText({ path, message }: Problem): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}
