import { spawn } from "node:child_process";
import { TemporaryError } from "../errors.ts";

export interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

export interface ExecOptions {
  input?: string;
  /** Milliseconds; default 60 s. The child is killed after it. */
  timeoutMs?: number;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Exit codes that are not a failure; default only 0. */
  accept?: readonly number[];
}

/** Runs a program from an argv array, never a shell. A code outside `accept` throws with the last lines of stderr. */
export type Exec = (argv: readonly [string, ...string[]], options?: ExecOptions) => Promise<Output>;

const LAST_LINES = 5;

export const exec: Exec = async (argv, options = {}) => {
  const output = await run(argv, options);
  if ((options.accept ?? [0]).includes(output.code)) return output;
  throw new TemporaryError(`${argv[0]} ended with code ${output.code}`, {
    why: output.stderr.trim().split("\n").slice(-LAST_LINES).join(" | ") || "it printed no reason",
    fix: `run it by hand: ${argv.join(" ")}`,
  });
};

function run(argv: readonly [string, ...string[]], options: ExecOptions): Promise<Output> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: options.timeoutMs ?? 60_000,
      killSignal: "SIGKILL",
      env: { ...process.env, LC_ALL: "C", ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const output: Output = { code: -1, stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output.stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output.stderr += chunk));
    child.on("error", (cause) => reject(notStarted(program, cause)));
    child.on("close", (code, signal) => {
      resolve({ ...output, code: code ?? -1, stderr: signal ? `${output.stderr}\nended by ${signal}` : output.stderr });
    });
    // A program that ends before it reads its input closes the pipe; its exit code tells the story.
    child.stdin.on("error", () => undefined).end(options.input ?? "");
  });
}

function notStarted(program: string, cause: Error): TemporaryError {
  return new TemporaryError(`${program} could not be started`, {
    why: cause.message,
    fix: `install ${program}, or run greenleaf-agent install`,
    cause,
  });
}
