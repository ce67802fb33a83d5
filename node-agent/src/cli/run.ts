import { commandHelp, programHelp } from "../base/cli/help.ts";
import { commandNamed, parseCommandLine } from "../base/cli/parse.ts";
import { EXIT, type ExitCode } from "../base/errors.ts";
import { createLog } from "../base/log.ts";
import type { World, WorldOptions } from "../world.ts";
import { AGENT, type Command, type Invocation } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { lastWordsOf } from "./failure.ts";

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
  } catch (thrown) {
    const { text, exitCode } = lastWordsOf(proc.argv, thrown);
    proc.stderr(text);
    return exitCode;
  }
}

async function dispatch(proc: Process, commands: readonly Command[]): Promise<ExitCode> {
  const [name, ...rest] = proc.argv;
  if (name === undefined || ["--help", "-h", "help"].includes(name)) return show(proc, helpOf(commands));
  if (name === "--version" || name === "version") return show(proc, `${AGENT.name} ${AGENT.version}`);
  const command = commandNamed(AGENT, commands, name);
  const { options, positionals } = parseCommandLine(AGENT, command, rest);
  if (options.help === true) return show(proc, commandHelp(AGENT, command));
  return command.run(invocation(proc, options, positionals));
}

const helpOf = (commands: readonly Command[]): string =>
  programHelp(
    AGENT,
    commands,
    commands.flatMap(({ examples }) => examples.slice(0, 1)),
  );

function show(proc: Process, text: string): ExitCode {
  proc.stdout(text);
  return EXIT.ready;
}

function invocation(proc: Process, options: Invocation["options"], positionals: readonly string[]): Invocation {
  const root = typeof options.root === "string" ? options.root : "/";
  const log = createLog(proc.stderr, { format: options.log === "json" ? "json" : "text", colour: proc.colour });
  return {
    world: proc.newWorld({ root }),
    log,
    print: proc.stdout,
    colour: proc.stdoutColour ?? false,
    options,
    positionals,
  };
}
