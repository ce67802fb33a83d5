import type { Command } from "../command.ts";

export const natCommand: Command = {
  name: "nat",
  summary: "the router's translation: plan, apply, status, drain, rotate its key or remove it",
  examples: [
    "greenleaf-agent nat plan     # what apply would do, with the reason of each step",
    "greenleaf-agent nat apply",
    "greenleaf-agent nat status --json",
    "greenleaf-agent nat drain    # hand this zone to the other router, flows included",
    "greenleaf-agent nat rotate-key # a new key for the heartbeats of both routers",
    "greenleaf-agent nat remove   # give the machine back its earlier rules and sysctls",
  ],
  positionals: ["plan|apply|status|drain|rotate-key|remove"],
  options: {
    json: { type: "boolean", summary: "data as JSON" },
    "no-probe": { type: "boolean", summary: "apply without proving that packets come back translated" },
  },
  run: async (invocation) => (await import("./run-nat.ts")).runNat(invocation),
};
