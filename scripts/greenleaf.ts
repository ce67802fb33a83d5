import "./environment.ts";
import { join } from "node:path";
import { commandHelp, programHelp } from "../node-agent/src/base/cli/help.ts";
import { commandNamed, parseCommandLine } from "../node-agent/src/base/cli/parse.ts";
import { EXIT } from "../node-agent/src/base/errors.ts";
import { installLastWords, lastWordsInText } from "../node-agent/src/base/last-words.ts";
import { OPERATOR } from "./cli/command.ts";
import { COMMANDS } from "./cli/commands.ts";
import { restoreOwnership } from "./restore-ownership.ts";

const EXAMPLES = [
  "sudo ./greenleaf up      a shop on http://localhost:8080",
  "sudo ./greenleaf test    everything CI runs",
];

async function dispatch(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || ["--help", "-h", "help"].includes(name))
    return print(programHelp(OPERATOR, COMMANDS, EXAMPLES));
  if (name === "--version" || name === "version") return print(`greenleaf ${OPERATOR.version}`);
  const command = commandNamed(OPERATOR, COMMANDS, name);
  const line = parseCommandLine(OPERATOR, command, rest);
  return line.options.help === true ? print(commandHelp(OPERATOR, command)) : command.run(line);
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.ready;
}

// Nothing that is written depends on the shell this was started from: what others must not read says so itself.
process.umask(0o022);
installLastWords();

try {
  process.exitCode = await dispatch(process.argv.slice(2));
} catch (error) {
  const { text, exitCode } = lastWordsInText(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
} finally {
  await restoreOwnership(join(import.meta.dirname, ".."));
}
