import { ConfigurationError } from "../../base/errors.ts";
import { STATUS_PATH } from "../../base/paths.ts";
import { parseStatus } from "../../core/node/status/status.ts";
import {
  exitCodeOfVerdict,
  type Known,
  type Paint,
  statusText,
  verdictNow,
} from "../../core/node/status/status-text.ts";
import type { Command } from "../command.ts";
import { askDaemon } from "./ask-daemon.ts";

export const status: Command = {
  name: "status",
  summary: "says what this node is now; the exit code is the verdict",
  examples: ["greenleaf-agent status", "greenleaf-agent status --json | jq .verdict"],
  options: { json: { type: "boolean", summary: "one JSON document" } },
  run: async ({ world, print, options, colour }) => {
    const text = await world.files.read(STATUS_PATH).catch(asUnreadable);
    const boot = parseStatus(text);
    const live = await askDaemon(world);
    const isUnreadable = text !== undefined && boot === undefined;
    const known: Known = {
      ...(boot ? { boot } : {}),
      ...(isUnreadable ? { isUnreadable } : {}),
      ...(live ? { live } : {}),
    };
    const verdict = verdictNow(known);
    const exitCode = exitCodeOfVerdict(verdict);
    print(options.json === true ? JSON.stringify({ verdict, exitCode, ...known }) : statusText(known, painter(colour)));
    return exitCode;
  },
};

/** What is no file at all says as little of the node as one that was cut short. */
function asUnreadable(error: unknown): string {
  if (error instanceof ConfigurationError) return "";
  throw error;
}

const CODES = { green: 32, yellow: 33, red: 31, blue: 34, dim: 2 } as const;

function painter(colour: boolean): Paint {
  return (name, text) => (colour ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text);
}
