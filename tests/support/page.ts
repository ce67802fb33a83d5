import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../scripts/cli/commands.ts";

export interface Step {
  readonly id?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly needs?: string;
  readonly environment?: string;
  readonly "timeout-minutes": number;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** A page of docs/ by its name without an ending. */
export const pageOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, "../../docs", `${name}.md`), "utf8");

/** The fenced blocks of a page that are marked with a language, in order. */
export const blocksOf = (page: string, language: string): readonly string[] =>
  [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, text = ""]) => (name === language ? [text] : []));

/** Commands of ./greenleaf in shell lines, split into words; an expression of a workflow is one. */
export const callsIn = (lines: readonly string[]): readonly string[][] =>
  lines.flatMap((line) => {
    const words = /\.\/greenleaf ([^#|>]*)/
      .exec(line)?.[1]
      ?.trim()
      .replaceAll(/\$\{\{.*?\}\}/g, "EXPRESSION")
      .split(/\s+/);
    return words === undefined ? [] : [words];
  });

/** What ./greenleaf would refuse of a call: its name when there is no such command, and options that the command has not. */
export function refusedOf([name = "", ...args]: readonly string[]): readonly string[] {
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) return [name];
  return args.filter((each) => each.startsWith("--") && !(each.slice(2) in (command.options ?? {})));
}
