import type { CommandSpec, OptionSpecs, OptionValue, ProgramSpec } from "../base/cli/command-spec.ts";
import type { ExitCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { AGENT_VERSION } from "../base/version.ts";
import type { World } from "../world.ts";

/** What the process edge hands to a command. */
export interface Invocation {
  readonly world: World;
  readonly log: Log;
  /** Data only: stdout. */
  readonly print: (text: string) => void;
  /** True when a person reads stdout on a terminal. */
  readonly colour: boolean;
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly positionals: readonly string[];
}

/** One row of the table that gives dispatch, --help, completion and the reference page. */
export interface Command extends CommandSpec {
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}

const GLOBAL_OPTIONS: OptionSpecs = {
  root: { type: "string", value: "DIR", summary: "folder that stands for / of the node (a local node)" },
  log: { type: "string", choices: ["text", "json"], summary: "form of the events on stderr" },
  help: { type: "boolean", summary: "show this help" },
};

export const AGENT: ProgramSpec = {
  name: "greenleaf-agent",
  summary: "turns this machine into a GreenLeaf node and keeps it one",
  version: AGENT_VERSION,
  options: GLOBAL_OPTIONS,
  exitCodes: [
    "0 ready · 2 degraded (running on last-known-good) · 64 usage · 69 unhealthy · 70 bug",
    "75 temporary, retry · 77 not permitted · 78 configuration",
  ],
};
