import type { Command } from "./command.ts";

/** Renders the .env files and nothing else, from the release's templates or a folder of them. */
export const renderCommand: Command = {
  name: "render",
  summary: "write the .env files from parameters and secrets",
  examples: [
    "greenleaf-agent render",
    "greenleaf-agent render --plan",
    "greenleaf-agent render --names --templates compose/env",
  ],
  options: {
    plan: { type: "boolean", summary: "tell which keys would change, and write nothing" },
    names: { type: "boolean", summary: "print which values the templates ask for, and fetch nothing" },
    templates: { type: "string", value: "DIR", summary: "take the *.env.hbs of this folder, not those of the release" },
    within: { type: "string", value: "SECONDS", summary: "time for everything asked of AWS (default 30)" },
  },
  run: async (invocation) => (await import("./run-render.ts")).runRender(invocation),
};
