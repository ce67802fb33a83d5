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

export interface Explanation {
  /** Why it failed, one line; a list of problems goes to `problems`. */
  why: string;
  /** What to do about it, one line. */
  fix: string;
  cause?: unknown;
  problems?: readonly string[];
}

/** An expected failure: the message says what failed. Never holds a secret. */
export abstract class AgentError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly why: string;
  readonly fix: string;
  readonly problems: readonly string[];

  constructor(what: string, { why, fix, cause, problems = [] }: Explanation) {
    super(what, cause === undefined ? {} : { cause });
    this.name = new.target.name;
    this.why = why;
    this.fix = fix;
    this.problems = problems;
  }
}

/** The command line is wrong. */
export class UsageError extends AgentError {
  readonly exitCode = EXIT.usage;
}

/** The stack was started but is not healthy in time. */
export class UnhealthyError extends AgentError {
  readonly exitCode = EXIT.unhealthy;
}

/** What is needed cannot be had on this machine; a retry cannot help. */
export class UnavailableError extends AgentError {
  readonly exitCode = EXIT.unhealthy;
}

/** Something outside gave no usable answer in time; a retry can help. */
export class TemporaryError extends AgentError {
  readonly exitCode = EXIT.temporary;
}

/** The Docker engine is absent, starting or restarting. */
export class EngineGone extends TemporaryError {}

/** Not root, or refused by IAM; a retry cannot help. */
export class PermissionError extends AgentError {
  readonly exitCode = EXIT.denied;
}

/** Configuration is missing or invalid: every problem at once, each with its path. */
export class ConfigurationError extends AgentError {
  readonly exitCode = EXIT.configuration;
}

/** The exit code for anything thrown; what is not an AgentError is a bug of ours. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof AgentError ? error.exitCode : EXIT.bug;
}

/** The lines stderr gets: what, why (with every problem), fix. */
export function describeError(error: unknown): string {
  if (!(error instanceof AgentError)) return describeBug(error);
  const problems = error.problems.map((problem) => `       - ${problem}`);
  return [`error: ${error.message}`, `why:   ${error.why}`, ...problems, `fix:   ${error.fix}`].join("\n");
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
