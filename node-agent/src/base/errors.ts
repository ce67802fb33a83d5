import type { CodeOf, ErrorCode } from "./error-codes.ts";

/** What a caller may do next is in the exit code (sysexits.h); what a person may do next is in `fix`. */
export const EXIT = {
  ready: 0,
  degraded: 2,
  usage: 64,
  unhealthy: 69,
  bug: 70,
  temporary: 75,
  denied: 77,
  configuration: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Explanation<Exit extends ExitCode = ExitCode> {
  /** Which failure it is, for programs and for the page that lists them. */
  code: CodeOf<Exit>;
  /** Why it failed, one line; a list of problems goes to `problems`. */
  why: string;
  /** What to do about it, one line. */
  fix: string;
  cause?: unknown;
  problems?: readonly string[];
}

/** An expected failure: the message says what failed. Never holds a secret. */
export abstract class AgentError<Exit extends ExitCode = ExitCode> extends Error {
  abstract readonly exitCode: Exit;
  readonly code: ErrorCode;
  readonly why: string;
  readonly fix: string;
  readonly problems: readonly string[];

  constructor(what: string, { code, why, fix, cause, problems = [] }: Explanation<Exit>) {
    super(what, cause === undefined ? {} : { cause });
    this.name = new.target.name;
    this.code = code;
    this.why = why;
    this.fix = fix;
    this.problems = problems;
  }
}

/** The command line is wrong. */
export class UsageError extends AgentError<typeof EXIT.usage> {
  readonly exitCode = EXIT.usage;
}

/** The stack was started but is not healthy in time. */
export class UnhealthyError extends AgentError<typeof EXIT.unhealthy> {
  readonly exitCode = EXIT.unhealthy;
}

/** What is needed cannot be had on this machine; a retry cannot help. */
export class UnavailableError extends AgentError<typeof EXIT.unhealthy> {
  readonly exitCode = EXIT.unhealthy;
}

/** Something outside gave no usable answer in time; a retry can help. */
export class TemporaryError extends AgentError<typeof EXIT.temporary> {
  readonly exitCode = EXIT.temporary;
}

/** Something outside did not end in the time it has. */
export class DeadlineError extends TemporaryError {}

/** A later boot can help, asking again now cannot: it ends a wait at once. */
export class LaterError extends TemporaryError {}

/** The Docker engine is absent, starting or restarting: a wait of its own is for that. */
export class EngineGone extends LaterError {}

/** Not root, or refused by IAM; a retry cannot help. */
export class PermissionError extends AgentError<typeof EXIT.denied> {
  readonly exitCode = EXIT.denied;
}

/** Configuration is missing or invalid: every problem at once, each with its path. */
export class ConfigurationError extends AgentError<typeof EXIT.configuration> {
  readonly exitCode = EXIT.configuration;
}

/** The exit code for anything thrown; what is not an AgentError is a bug of ours. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof AgentError ? error.exitCode : EXIT.bug;
}

/** A failure as data: what a log collector, the status document and a program read. `bug` is no failure foreseen. */
export interface FailureFacts {
  readonly code: ErrorCode | "bug";
  readonly what: string;
  readonly why: string;
  readonly problems: readonly string[];
  readonly fix: string;
  readonly exitCode: ExitCode;
}

export function failureFacts(error: unknown): FailureFacts {
  const exitCode = exitCodeOf(error);
  if (error instanceof AgentError) {
    const { code, message, why, problems, fix } = error;
    return { code, what: message, why, problems, fix, exitCode };
  }
  const what = error instanceof Error ? error.message : String(error);
  return { code: "bug", what, why: "a bug in greenleaf", problems: [], fix: "please report it", exitCode };
}

/** The lines stderr gets: what, why (with every problem), fix. */
export function describeError(error: unknown): string {
  return error instanceof AgentError ? factsText(failureFacts(error)) : describeBug(error);
}

export function factsText({ what, why, problems, fix }: FailureFacts): string {
  return [`error: ${what}`, `why:   ${why}`, ...problems.map((problem) => `       - ${problem}`), `fix:   ${fix}`].join(
    "\n",
  );
}

function describeBug(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `error: ${error instanceof Error ? error.message : String(error)}`,
    "why:   this is a bug in greenleaf, not in your configuration",
    "fix:   please report it with the lines below",
    stack,
  ].join("\n");
}
