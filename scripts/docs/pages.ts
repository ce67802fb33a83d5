import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../node-agent/src/cli/commands.ts";
import { commandHelp } from "../../node-agent/src/cli/help.ts";
import { composeSubsetPage } from "./compose-subset.ts";
import { configurationPage } from "./configuration.ts";

export const REPOSITORY = join(import.meta.dirname, "..", "..");

const TEMPLATES = join(REPOSITORY, "compose", "env");
const BEGIN = "<!-- begin: written by node scripts/write-docs.ts -->";
const END = "<!-- end -->";

/** Every page, or part of one, that is written from code, as it should be now; by path below the repository. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/compose-subset.md", composeSubsetPage()],
    ["docs/configuration.md", configurationPage(templates())],
    ["node-agent/README.md", withCommands(readFileSync(join(REPOSITORY, "node-agent/README.md"), "utf8"))],
  ]);
}

function templates(): ReadonlyMap<string, string> {
  const names = readdirSync(TEMPLATES).filter((name) => name.endsWith(".hbs"));
  return new Map(names.map((name) => [name, readFileSync(join(TEMPLATES, name), "utf8")]));
}

function withCommands(page: string): string {
  const [before = ""] = page.split(BEGIN);
  const [, after = ""] = page.split(END);
  const commands = COMMANDS.map((command) => commandHelp(command)).join("\n\n");
  return `${before}${BEGIN}\n\n\`\`\`text\n${commands}\n\`\`\`\n\n${END}${after}`;
}
