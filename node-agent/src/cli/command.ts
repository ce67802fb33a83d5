import type { ExitCode } from "../errors.ts";
import type { Log } from "../log.ts";
import type { World } from "../world.ts";

/** What the process edge hands to a command. */
export interface Invocation {
  readonly world: World;
  readonly log: Log;
  /** Data only: stdout. */
  readonly print: (text: string) => void;
  /** True when a person reads stdout on a terminal. */
  readonly colour: boolean;
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

export interface CommandOption {
  readonly type: "string" | "boolean";
  readonly summary: string;
  /** Shown in the help as the option's value. */
  readonly value?: string;
}

/** One row of the table that gives dispatch, --help and the man page. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly options?: Readonly<Record<string, CommandOption>>;
  /** Names of positional arguments, for the help; `[NAME]` when optional. */
  readonly positionals?: readonly string[];
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}

export const GLOBAL_OPTIONS: Readonly<Record<string, CommandOption>> = {
  root: { type: "string", value: "DIR", summary: "folder that stands for / of the node (a local node)" },
  log: { type: "string", value: "text|json", summary: "form of the events on stderr" },
  help: { type: "boolean", summary: "show this help" },
};
