import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { isSet } from "./cli/command.ts";
import { runAgent } from "./local/agent/agent.ts";
import { worldOf } from "./local/options.ts";

export function doctor(line: ParsedCommandLine): Promise<number> {
  return runAgent(worldOf(line), ["doctor", ...(isSet(line, "json") ? ["--json"] : [])]);
}
