import { spawn } from "node:child_process";
import { BoundedBytes } from "./bounded-body.ts";
import { childEnvironment } from "./child-environment.ts";
import { isCode } from "./durable.ts";
import { type AgentError, ConfigurationError, DeadlineError, PermissionError, TemporaryError } from "./errors.ts";
import { adoptGroup, killGroup, releaseGroup } from "./process-groups.ts";

export interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

export interface ExecOptions {
  input?: string;
  /** A file descriptor to read from instead of `input`: what is too large for this process's memory. */
  inputFrom?: number;
  /** Milliseconds; default 60 s. The program and its children are killed after it. */
  timeoutMs?: number;
  /** Of each stream; default 16 MB. A program that prints more is killed. */
  maxBytes?: number;
  env?: Readonly<Record<string, string>>;
  /** True: the program gets `env` alone, and nothing of this process's own environment. */
  isSealed?: boolean;
  cwd?: string;
  /** Exit codes that are not a failure; default only 0. */
  accept?: readonly number[];
}

/** Runs a program from an argv array, never a shell. A code outside `accept` throws with the last lines of stderr. */
export type Exec = (argv: readonly [string, ...string[]], options?: ExecOptions) => Promise<Output>;

const LAST_LINES = 5;
const WITHIN_MS = 60_000;
/** What is left in the pipes of a program that has ended; a grandchild may keep them open for ever. */
const GRACE_MS = 1_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export const exec: Exec = async (argv, options = {}) => {
  const output = await run(argv, options);
  if ((options.accept ?? [0]).includes(output.code)) return output;
  throw new TemporaryError(`${argv[0]} ended with code ${output.code}`, {
    code: "program.failed",
    why: lastLines(output.stderr) || "it printed no reason",
    fix: byHand(argv),
  });
};

const lastLines = (text: string): string => text.trim().split("\n").slice(-LAST_LINES).join(" | ");
const byHand = (argv: readonly string[]): string => `run it by hand: ${argv.join(" ")}`;

function run(argv: readonly [string, ...string[]], options: ExecOptions): Promise<Output> {
  const { timeoutMs = WITHIN_MS, maxBytes = MAX_OUTPUT_BYTES } = options;
  return new Promise((resolve, reject) => {
    const child = started(argv, options);
    child.once("error", (cause) => reject(notStarted(argv[0], cause)));
    const { pid } = child;
    // Without file descriptors there is neither a process nor a pipe; the error is told in a moment.
    if (pid === undefined) return;
    adoptGroup(pid);
    const [stdout, stderr] = [new BoundedBytes(maxBytes), new BoundedBytes(maxBytes)];
    const texts = () => ({ stdout: stdout.bytes().toString(), stderr: stderr.bytes().toString() });
    const settle = (end: () => void) => {
      clearTimeout(timer);
      releaseGroup(pid);
      end();
      // What still holds the other ends does not keep us.
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
      child.unref();
    };
    const abandon = (error: Error) => {
      killGroup(pid);
      settle(() => reject(error));
    };
    const collect = (into: BoundedBytes) => (piece: Buffer) => {
      try {
        into.add(piece);
      } catch (cause) {
        abandon(tooMuch(argv, maxBytes, cause));
      }
    };
    const timer = setTimeout(() => abandon(tooLate(argv, timeoutMs, texts().stderr)), timeoutMs);
    child.stdout?.on("data", collect(stdout));
    child.stderr?.on("data", collect(stderr));
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      const { stderr: said, ...rest } = texts();
      settle(() => resolve({ ...rest, code: code ?? -1, stderr: signal ? `${said}\nended by ${signal}` : said }));
    };
    child.once("close", ended);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      setTimeout(() => ended(code, signal), GRACE_MS).unref();
    });
    // A program that ends before it reads its input closes the pipe; its exit code tells the story.
    child.stdin?.on("error", () => undefined).end(options.input ?? "");
  });
}

/** In a group of its own, so that its children end with it. */
function started(
  [program, ...args]: readonly [string, ...string[]],
  { env, isSealed = false, cwd, inputFrom }: ExecOptions,
) {
  try {
    return spawn(program, args, {
      stdio: [inputFrom ?? "pipe", "pipe", "pipe"],
      detached: true,
      env: isSealed ? { ...env } : { ...childEnvironment(process.env), LC_ALL: "C", ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
  } catch (cause) {
    throw notStarted(program, cause as Error);
  }
}

function tooLate(argv: readonly [string, ...string[]], timeoutMs: number, said: string): DeadlineError {
  return new DeadlineError(`${argv[0]} did not end within ${timeoutMs / 1000} s`, {
    code: "program.deadline",
    why: `${lastLines(said) || "it printed nothing"} | ended by SIGKILL`,
    fix: byHand(argv),
  });
}

function tooMuch(argv: readonly [string, ...string[]], maxBytes: number, cause: unknown): TemporaryError {
  return new TemporaryError(`${argv[0]} printed too much`, {
    code: "program.output-size",
    why: `more than ${Math.round(maxBytes / 1024)} KB; it was ended`,
    fix: byHand(argv),
    cause,
  });
}

function notStarted(program: string, cause: Error): AgentError {
  const what = `${program} could not be started`;
  const why = cause.message;
  if (isCode(cause, "ENOENT")) {
    return new ConfigurationError(what, {
      code: "program.missing",
      why,
      fix: `install ${program}, or run greenleaf-agent install`,
      cause,
    });
  }
  if (isCode(cause, "EACCES") || isCode(cause, "EPERM")) {
    return new PermissionError(what, { code: "program.denied", why, fix: `see who may run ${program}`, cause });
  }
  return new TemporaryError(what, {
    code: "program.start",
    why,
    fix: "end what fills this machine, then run the same command again",
    cause,
  });
}
