import { describeError, type ExitCode, exitCodeOf } from "./errors.ts";
import { machineError } from "./machine-error.ts";

interface Words {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** An error as the last words of an operator's command; one of the machine is no bug. */
export function lastWordsInText(thrown: unknown): Words {
  const error = machineError(thrown) ?? thrown;
  return { text: describeError(error), exitCode: exitCodeOf(error) };
}

/**
 * Ends a process on an error that nobody caught as on any other: in the words that `wordsOf` finds for it, with a code
 * of the table, never with 1. So does output that cannot be written, on a full disk.
 */
export function installLastWords(wordsOf: (error: unknown) => Words = lastWordsInText): void {
  // A reader such as `head` may leave before the end, a journal may be started anew; what it did not want is nobody's
  // failure, and ends no boot half-way.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      // Whoever else listens has something to bring to its end first, and ends the process.
      if (process.listenerCount(event) > 1) return;
      const { text, exitCode } = wordsOf(error);
      process.stderr.write(`${text}\n`);
      process.exit(exitCode);
    });
  }
}
