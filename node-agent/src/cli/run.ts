import { parseArgs } from "node:util";
import { describeError, EXIT, type ExitCode, exitCodeOf, UsageError } from "../errors.ts";
import { createLog, type LogFormat } from "../log.ts";
import type { World, WorldOptions } from "../world.ts";
import { type Command, GLOBAL_OPTIONS, type Invocation } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, programHelp } from "./help.ts";

/** The process as `run` sees it; main.ts hands over the real one. */
export interface Process {
  readonly argv: readonly string[];
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** True when a person reads stderr and NO_COLOR is not set. */
  readonly colour: boolean;
  /** The same of stdout. */
  readonly stdoutColour?: boolean;
  readonly newWorld: (options: WorldOptions) => World;
}

/** Runs one command line to its exit code. The only try/catch of the program, and the only place that prints errors. */
export async function run(proc: Process, commands: readonly Command[] = COMMANDS): Promise<ExitCode> {
  try {
    return await dispatch(proc, commands);
  } catch (error) {
    proc.stderr(describeError(error));
    return exitCodeOf(error);
  }
}

async function dispatch(proc: Process, commands: readonly Command[]): Promise<ExitCode> {
  const [name, ...rest] = proc.argv;
  if (name === undefined || name === "--help" || name === "help") return show(proc, programHelp(commands));
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) throw unknownCommand(name, commands);
  const { values, positionals } = parse(command, rest);
  if (values.help === true) return show(proc, commandHelp(command));
  return command.run(invocation(proc, values, positionals));
}

function show(proc: Process, text: string): ExitCode {
  proc.stdout(text);
  return EXIT.ready;
}

function invocation(proc: Process, options: Invocation["options"], positionals: string[]): Invocation {
  const root = typeof options.root === "string" ? options.root : "/";
  const log = createLog(proc.stderr, { format: logFormat(options.log), colour: proc.colour });
  return {
    world: proc.newWorld({ root }),
    log,
    print: proc.stdout,
    colour: proc.stdoutColour ?? false,
    options,
    positionals,
  };
}

function logFormat(given: string | boolean | undefined): LogFormat {
  if (given === undefined || given === "text" || given === "json") return given ?? "text";
  throw new UsageError(`--log ${given} is not known`, { why: "it is text or json", fix: "leave it out for text" });
}

function parse(command: Command, args: readonly string[]) {
  const options = { ...GLOBAL_OPTIONS, ...command.options };
  const types = Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));
  try {
    return parseArgs({ args: [...args], options: types, allowPositionals: command.positionals !== undefined });
  } catch (cause) {
    throw new UsageError(`greenleaf-agent ${command.name}: the command line is wrong`, {
      why: cause instanceof Error ? cause.message : String(cause),
      fix: `see greenleaf-agent ${command.name} --help`,
    });
  }
}

function unknownCommand(name: string, commands: readonly Command[]): UsageError {
  return new UsageError(`greenleaf-agent has no command "${name}"`, {
    why: `it has ${commands.map((command) => command.name).join(", ")}`,
    fix: "see greenleaf-agent --help",
  });
}
