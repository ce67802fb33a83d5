import { completionScript, SHELLS } from "../../node-agent/src/base/cli/completion.ts";
import { EXIT } from "../../node-agent/src/base/errors.ts";
import { OPERATOR, type OperatorCommand } from "./command.ts";
import { FLEET_COMMANDS } from "./fleet-commands.ts";
import { LOCAL_COMMANDS } from "./local-commands.ts";

const completion: OperatorCommand = {
  name: "completion",
  summary: "print a script that completes commands and options in a shell",
  examples: ["source <(./greenleaf completion bash)"],
  positionals: [SHELLS.join("|")],
  run: async ({ positionals: [shell = ""] }) => {
    process.stdout.write(completionScript(OPERATOR, COMMANDS, shell));
    return EXIT.ready;
  },
};

/** Every command of ./greenleaf, in the order the help shows them. */
export const COMMANDS: readonly OperatorCommand[] = [...LOCAL_COMMANDS, ...FLEET_COMMANDS, completion];
