import { completionScript, SHELLS } from "../base/cli/completion.ts";
import { EXIT } from "../base/errors.ts";
import { AGENT, type Command } from "./command.ts";

/** The rows are handed over when it runs: the table holds this command too. */
export const completionCommand = (commands: () => readonly Command[]): Command => ({
  name: "completion",
  summary: "prints a script that completes commands and options in a shell",
  examples: ["source <(greenleaf-agent completion bash)"],
  positionals: [SHELLS.join("|")],
  run: async ({ print, positionals: [shell = ""] }) => {
    print(completionScript(AGENT, commands(), shell).trimEnd());
    return EXIT.ready;
  },
});
