import type { OptionSpecs } from "../base/cli/command-spec.ts";
import type { Command } from "./command.ts";

const OPTIONS: OptionSpecs = {
  within: { type: "string", value: "SECONDS", summary: "time for each service to become healthy (default 300)" },
  values: { type: "boolean", summary: "take up changed parameters and secrets, refused ones too; the release stays" },
  release: {
    type: "string",
    value: "ssm:NAME",
    summary: "the parameter that holds the release, this once; the next boot takes the node document's again",
  },
};

/** Makes this machine what its node document says, and tells the verdict. */
export const boot: Command = {
  name: "boot",
  summary: "make this machine a node, or bring it up to date",
  examples: [
    "greenleaf-agent boot",
    "greenleaf-agent boot --root /var/lib/greenleaf-local",
    "greenleaf-agent boot --values",
  ],
  options: OPTIONS,
  run: async (invocation) => (await import("./run-boot.ts")).runBoot(invocation),
};

/** Prints what boot would do, with reasons; changes nothing. */
export const plan: Command = {
  name: "plan",
  summary: "print what boot would do, and change nothing",
  examples: ["greenleaf-agent plan"],
  run: async (invocation) => (await import("./run-boot.ts")).runPlan(invocation),
};
