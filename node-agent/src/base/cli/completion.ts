import { UsageError } from "../errors.ts";
import type { CommandSpec, ProgramSpec } from "./command-spec.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A script that completes commands, options and closed values of a program; made from its table. */
export function completionScript(program: ProgramSpec, commands: readonly CommandSpec[], shell: string): string {
  if (shell === "bash") return bash(program, commands);
  // zsh runs bash's scripts after bashcompinit.
  if (shell === "zsh") return `autoload -U +X bashcompinit && bashcompinit\n${bash(program, commands)}`;
  if (shell === "fish") return fish(program, commands);
  throw new UsageError(`${program.name} completion: "${shell}" is not a shell it knows`, {
    code: "usage.shell",
    why: `it knows ${SHELLS.join(", ")}`,
    fix: `${program.name} completion bash`,
  });
}

const programFile = ({ name }: ProgramSpec): string => name.replace("./", "");
const identifier = (program: ProgramSpec): string => `_${programFile(program).replaceAll("-", "_")}`;

function wordsOf(program: ProgramSpec, command: CommandSpec): string[] {
  return [
    ...Object.keys({ ...command.options, ...program.options }).map((name) => `--${name}`),
    ...(command.positionals ?? []).flatMap((name) => (/^[a-z|-]+$/.test(name) ? name.split("|") : [])),
  ];
}

function bash(program: ProgramSpec, commands: readonly CommandSpec[]): string {
  const choices = commands.flatMap((command) =>
    Object.entries(command.options ?? {})
      .filter(([, option]) => option.choices !== undefined)
      .map(([name, option]) => `    ${command.name}:--${name}) words="${option.choices?.join(" ")}" ;;`),
  );
  return [
    `${identifier(program)}() {`,
    `  local current="\${COMP_WORDS[COMP_CWORD]}" words="${commands.map(({ name }) => name).join(" ")} --help --version"`,
    '  [ "$COMP_CWORD" -gt 1 ] && case "${COMP_WORDS[1]}" in',
    ...commands.map((command) => `    ${command.name}) words="${wordsOf(program, command).join(" ")}" ;;`),
    '    *) words="" ;;',
    "  esac",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shell, not a template
    '  case "${COMP_WORDS[1]}:${COMP_WORDS[COMP_CWORD-1]}" in',
    ...choices,
    "    *) ;;",
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    `complete -o default -F ${identifier(program)} ${programFile(program)} ./${programFile(program)}`,
    "",
  ].join("\n");
}

function fish(program: ProgramSpec, commands: readonly CommandSpec[]): string {
  const file = programFile(program);
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => [
    `complete -c ${file} -f -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
    ...Object.entries({ ...command.options, ...program.options }).map(
      ([name, option]) =>
        `complete -c ${file} -n '__fish_seen_subcommand_from ${command.name}' -l ${name}` +
        `${option.type === "string" ? " -r" : ""}${option.choices ? ` -a ${quoted(option.choices.join(" "))}` : ""} -d ${quoted(option.summary)}`,
    ),
  ]);
  return `${lines.join("\n")}\n`;
}
