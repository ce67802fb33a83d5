import type { CommandSpec, OptionSpec, OptionSpecs, ProgramSpec } from "./command-spec.ts";

/** Help of a program: examples first, then every command in a line. */
export function programHelp(
  program: ProgramSpec,
  commands: readonly CommandSpec[],
  examples: readonly string[],
): string {
  return [
    `${program.name}: ${program.summary}`,
    "",
    "examples:",
    ...examples.map((example) => `  ${example}`),
    "",
    "commands:",
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    "",
    "options of every command:",
    ...optionLines(program.options),
    "",
    "exit codes:",
    ...program.exitCodes.map((line) => `  ${line}`),
    "",
    `${program.name} COMMAND --help shows a command's options; ${program.name} --version the version.`,
  ].join("\n");
}

/** Everything about one command: usage, examples, every option, the environment it reads. */
export function commandHelp(program: ProgramSpec, command: CommandSpec): string {
  const environment = Object.entries(command.environment ?? {});
  return [
    `${usageLine(program, command)}: ${command.summary}`,
    "",
    "examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
    "options:",
    ...optionLines({ ...command.options, ...program.options }),
    ...(environment.length === 0 ? [] : ["", "environment:", ...columns(environment)]),
  ].join("\n");
}

export const usageLine = (program: ProgramSpec, command: CommandSpec): string =>
  [program.name, command.name, ...(command.positionals ?? []), "[options]"].join(" ");

function optionLines(options: OptionSpecs): string[] {
  return columns(Object.entries(options).map(([name, option]) => [`--${name}${valueOf(option)}`, summaryOf(option)]));
}

const valueOf = ({ value, choices }: OptionSpec): string => {
  const shown = value ?? choices?.join("|");
  return shown === undefined ? "" : ` ${shown}`;
};

const summaryOf = ({ summary, multiple }: OptionSpec): string =>
  multiple ? `${summary} (may be given several times)` : summary;

function columns(rows: ReadonlyArray<readonly [left: string, right: string]>): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
