import { describeError, type ExitCode, exitCodeOf, failureFacts } from "../base/errors.ts";
import { eventJson } from "../base/log.ts";
import { machineError } from "../base/machine-error.ts";

/** What stderr gets of a command that failed, and the code its process ends with. */
export interface LastWords {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** An error as the last words of a command line: in the form of its other events, wherever the error came from. */
export function lastWordsOf(argv: readonly string[], thrown: unknown): LastWords {
  const error = machineError(thrown) ?? thrown;
  const facts = failureFacts(error);
  const isBug = facts.code === "bug" && error instanceof Error;
  const event = { kind: "error", ...facts, ...(isBug ? { stack: error.stack ?? "" } : {}) } as const;
  return { text: wantsJson(argv) ? eventJson(event) : describeError(error), exitCode: exitCodeOf(error) };
}

/** Read from the words themselves: an error of the command line is one of its events too. */
const wantsJson = (argv: readonly string[]): boolean =>
  argv.some((word, at) => word === "--log=json" || (word === "--log" && argv[at + 1] === "json"));
