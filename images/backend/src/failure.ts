/** Exit codes of the platform (sysexits): 70 a bug, 75 try again later, 78 the configuration must change first. */
export type ExitCode = 64 | 70 | 75 | 78;

/** A start that cannot go on, and what to do about it. No part may hold a secret. */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  readonly why: string;
  readonly fix: string;

  constructor(what: string, reason: { exitCode: ExitCode; why: string; fix: string; cause?: unknown }) {
    super(what, { cause: reason.cause });
    this.name = "Failure";
    this.exitCode = reason.exitCode;
    this.why = reason.why;
    this.fix = reason.fix;
  }
}

/** What stderr says about `error` (what, why, what to do), and the exit code that belongs to it. */
export function explain(error: unknown): { text: string; exitCode: ExitCode } {
  if (error instanceof Failure) {
    return { text: `error: ${error.message}\nwhy:   ${error.why}\nfix:   ${error.fix}\n`, exitCode: error.exitCode };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `error: the backend met a bug\nwhy:   ${stack}\nfix:   please report it\n`, exitCode: 70 };
}

/** Tells a failure and ends this process with its code, once the words are out. */
export function endWith(error: unknown): void {
  const { text, exitCode } = explain(error);
  process.stderr.write(text, () => process.exit(exitCode));
}
