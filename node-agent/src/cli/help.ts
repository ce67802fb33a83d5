import { type Command, type CommandOption, GLOBAL_OPTIONS } from "./command.ts";

const EXIT_CODES = [
  "0 ready · 2 degraded (running on last-known-good) · 64 usage · 69 unhealthy · 70 bug",
  "75 temporary, retry · 77 not permitted · 78 configuration",
];

/** Help of the program: examples first, then every command in a line. */
export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(0, ...commands.map((command) => command.name.length));
  return [
    "greenleaf-agent: turns this machine into a GreenLeaf node and keeps it one",
    "",
    "examples:",
    ...commands.flatMap((command) => command.examples.slice(0, 1)).map((example) => `  ${example}`),
    "",
    "commands:",
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    "",
    "options of every command:",
    ...optionLines(GLOBAL_OPTIONS),
    "",
    "exit codes:",
    ...EXIT_CODES.map((line) => `  ${line}`),
  ].join("\n");
}

export function commandHelp(command: Command): string {
  const usage = ["greenleaf-agent", command.name, ...(command.positionals ?? []), "[options]"].join(" ");
  return [
    `${usage}: ${command.summary}`,
    "",
    "examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
    "options:",
    ...optionLines({ ...command.options, ...GLOBAL_OPTIONS }),
  ].join("\n");
}

function optionLines(options: Readonly<Record<string, CommandOption>>): string[] {
  const rows = Object.entries(options).map(([name, option]) => ({
    left: `--${name}${option.value ? ` ${option.value}` : ""}`,
    summary: option.summary,
  }));
  const width = Math.max(...rows.map((row) => row.left.length));
  return rows.map((row) => `  ${row.left.padEnd(width)}  ${row.summary}`);
}
