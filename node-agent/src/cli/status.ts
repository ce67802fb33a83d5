import { parseStatus, STATUS_PATH } from "../core/status.ts";
import { exitCodeOfVerdict, type Known, type Paint, statusText, verdictNow } from "../core/status-text.ts";
import type { Command } from "./command.ts";
import { residentAnswer } from "./resident-answer.ts";

export const status: Command = {
  name: "status",
  summary: "says what this node is now; the exit code is the verdict",
  examples: ["greenleaf-agent status", "greenleaf-agent status --json | jq .verdict"],
  options: { json: { type: "boolean", summary: "one JSON document" } },
  run: async ({ world, print, options, colour }) => {
    const boot = parseStatus(await world.files.read(STATUS_PATH));
    const live = await residentAnswer(world);
    const known: Known = { ...(boot ? { boot } : {}), ...(live ? { live } : {}) };
    const verdict = verdictNow(known);
    const exitCode = exitCodeOfVerdict(verdict);
    print(options.json === true ? JSON.stringify({ verdict, exitCode, ...known }) : statusText(known, painter(colour)));
    return exitCode;
  },
};

const CODES = { green: 32, yellow: 33, red: 31, blue: 34, dim: 2 } as const;

function painter(colour: boolean): Paint {
  return (name, text) => (colour ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text);
}
