/** One option of a command, told once: the parser, `--help`, completion and the reference page read it from here. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly summary: string;
  /** Shown in the help as the option's value. */
  readonly value?: string;
  /** All the values there are; anything else is a usage error. */
  readonly choices?: readonly string[];
  /** May be given several times; the values come as a list. */
  readonly multiple?: boolean;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** One row of a program's table, without what it runs. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly options?: OptionSpecs;
  /** Positional arguments in order: `NAME`, `[NAME]` when optional, `[NAME...]` for any number. */
  readonly positionals?: readonly string[];
  /** Environment variables the command reads, each with what it means. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program: its name as it is typed, what it is, and what every command of it takes. */
export interface ProgramSpec {
  readonly name: string;
  readonly summary: string;
  readonly version: string;
  readonly options: OptionSpecs;
  /** Lines below "exit codes". */
  readonly exitCodes: readonly string[];
}

export type OptionValue = string | boolean | readonly string[] | undefined;

export interface ParsedCommandLine {
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly positionals: readonly string[];
}
