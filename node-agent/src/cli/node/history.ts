import { EXIT } from "../../base/errors.ts";
import { HISTORY_PATH } from "../../base/paths.ts";
import { historyText, parseHistory } from "../../core/node/status/history.ts";
import type { Command } from "../command.ts";

export const historyCommand: Command = {
  name: "history",
  summary: "tell what changed this node: deploys, boots and repairs, by whom and with what result",
  examples: ["greenleaf-agent history", "greenleaf-agent history --json | jq '.[-1]'"],
  options: { json: { type: "boolean", summary: "one JSON document, the oldest entry first" } },
  run: async ({ world, print, options }) => {
    const entries = parseHistory(await world.files.read(HISTORY_PATH));
    print(options.json === true ? JSON.stringify(entries) : historyText(entries));
    return EXIT.ready;
  },
};
