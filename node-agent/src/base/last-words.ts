import { describeError, type ExitCode, exitCodeOf } from "./errors.ts";

interface Words {
  readonly text: string;
  readonly exitCode: ExitCode;
}

const inText = (error: unknown): Words => ({ text: describeError(error), exitCode: exitCodeOf(error) });

/**
 * Ends a process on an error that nobody caught as on any other: in the words that `wordsOf` finds for it, with a code
 * of the table, never with 1.
 */
export function installLastWords(wordsOf: (error: unknown) => Words = inText): void {
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
