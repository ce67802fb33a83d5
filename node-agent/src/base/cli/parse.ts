import { parseArgs } from "node:util";
import { UsageError } from "../errors.ts";
import type {
  CommandSpec,
  OptionSpec,
  OptionSpecs,
  OptionValue,
  ParsedCommandLine,
  ProgramSpec,
} from "./command-spec.ts";
import { usageLine } from "./help.ts";
import { closest } from "./suggest.ts";

type Token = NonNullable<ReturnType<typeof tokensOf>>[number];

/**
 * Reads the arguments after a command's name. Every problem of the line is told in one UsageError (exit 64), with the
 * usage; an option that is nearly one of ours is named.
 */
export function parseCommandLine(
  program: ProgramSpec,
  command: CommandSpec,
  args: readonly string[],
): ParsedCommandLine {
  const specs: OptionSpecs = { ...command.options, ...program.options };
  const tokens = tokensOf(args, specs);
  const positionals = tokens.filter((token) => token.kind === "positional").map((token) => token.value);
  const given = tokens.filter((token) => token.kind === "option");
  const problems = [
    ...given.flatMap((token) => problemOf(token, specs)),
    ...(given.some(({ name }) => name === "help") ? [] : missing(command, positionals)),
    // The word after an unknown option may be its value.
    ...(given.every(({ name }) => Object.hasOwn(specs, name)) ? tooMany(command, positionals) : []),
  ];
  if (problems.length > 0) throw wrongLine(program, command, problems);
  return { options: valuesOf(given, specs), positionals };
}

// Not strict: parseArgs would stop at its first problem.
function tokensOf(args: readonly string[], specs: OptionSpecs) {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type }]) => [name, name === "help" ? { type, short: "h" } : { type }]),
  );
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function problemOf(token: Extract<Token, { kind: "option" }>, specs: OptionSpecs): string[] {
  const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
  if (spec === undefined) return [unknownOption(token.rawName, specs)];
  if (spec.type === "boolean")
    return token.value === undefined ? [] : [`${token.rawName} takes no value, and was given "${token.value}"`];
  // parseArgs takes the next word whatever it is; `--port --project` is a forgotten value, `--port=-1` is not.
  if (token.value === undefined || (!token.inlineValue && token.value.startsWith("--")))
    return [`${token.rawName} wants a value: ${spec.value ?? "VALUE"}`];
  if (token.value === "") return [`${token.rawName} is empty`];
  if (spec.choices && !spec.choices.includes(token.value))
    return [`${token.rawName} "${token.value}" is not ${list(spec.choices)}`];
  return [];
}

function unknownOption(rawName: string, specs: OptionSpecs): string {
  const near = closest(
    rawName,
    Object.keys(specs).map((name) => `--${name}`),
  );
  return `there is no option ${rawName}${near === undefined ? "" : `; did you mean ${near}?`}`;
}

function missing({ positionals: wanted = [] }: CommandSpec, positionals: readonly string[]): string[] {
  return wanted
    .slice(positionals.length)
    .filter((name) => !name.startsWith("["))
    .map((name) => `${name} is missing`);
}

function tooMany({ positionals: wanted = [] }: CommandSpec, positionals: readonly string[]): string[] {
  if (wanted.at(-1)?.includes("...")) return [];
  return positionals.slice(wanted.length).map((extra) => `"${extra}" is one argument too many`);
}

function valuesOf(given: readonly Extract<Token, { kind: "option" }>[], specs: OptionSpecs) {
  const options: Record<string, OptionValue> = {};
  for (const { name, value } of given) options[name] = valueOf(specs[name], value, options[name]);
  return options;
}

function valueOf(spec: OptionSpec | undefined, value: string | undefined, before: OptionValue): OptionValue {
  if (spec?.type === "boolean" || value === undefined) return true;
  return spec?.multiple ? [...(typeof before === "object" ? before : []), value] : value;
}

function wrongLine(program: ProgramSpec, command: CommandSpec, problems: readonly string[]): UsageError {
  const [first = ""] = problems;
  return new UsageError(`${program.name} ${command.name}: the command line is wrong`, {
    code: "usage.options",
    why: problems.length === 1 ? first : `it has ${problems.length} problems:`,
    problems: problems.length === 1 ? [] : problems,
    fix: `usage: ${usageLine(program, command)}; see ${program.name} ${command.name} --help`,
  });
}

/** The row of a name, or the usage error of a name that is none. */
export function commandNamed<Command extends CommandSpec>(
  program: ProgramSpec,
  commands: readonly Command[],
  name: string,
): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  const near = closest(name, names);
  throw new UsageError(`${program.name} has no command "${name}"`, {
    code: "usage.command",
    why: near === undefined ? `it has ${names.join(", ")}` : `did you mean ${near}?`,
    fix: `see ${program.name} --help`,
  });
}

const list = (choices: readonly string[]): string =>
  choices.length === 1 ? (choices[0] ?? "") : `${choices.slice(0, -1).join(", ")} or ${choices.at(-1) ?? ""}`;
