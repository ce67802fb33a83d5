import type { Command } from "./command.ts";

/** Starts again what stopped, by the plan and under the lock of a boot; the daemon runs this. */
export const repairCommand: Command = {
  name: "repair",
  summary: "start again what stopped, was paused or removed, of the release that runs",
  examples: ["greenleaf-agent repair", "greenleaf-agent repair --plan", "greenleaf-agent repair backend caddy"],
  positionals: ["[SERVICE...]"],
  options: {
    plan: { type: "boolean", summary: "tell what would be done, and do nothing" },
    json: { type: "boolean", summary: "one JSON document: the operations, and the services' last lines" },
  },
  run: async (invocation) => (await import("./run-repair.ts")).runRepair(invocation),
};
